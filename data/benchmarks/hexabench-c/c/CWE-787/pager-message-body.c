#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <sys/socket.h>

struct pager_message {
    uint8_t priority;
    uint8_t body_size;
    char body[80];
};

static struct pager_message last;

/* frame: priority, size of the body, body */
int on_readable(int sock)
{
    unsigned char frame[258];
    ssize_t got = recv(sock, frame, sizeof(frame), 0);

    if (got < 2)
        return -1;
    last.priority = frame[0];
    last.body_size = frame[1];
    // keep the body in last.body, ended by a 0
