#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

enum opcode { OP_READ = 1, OP_DATA = 3, OP_ERROR = 5 };

struct session {
    int sock;
    struct sockaddr_in peer;
    socklen_t peer_len;
};

void send_block(struct session *s, uint16_t number, const void *data, size_t size);

static int next_request(struct session *s, char *name, size_t room)
{
    s->peer_len = sizeof(s->peer);
    ssize_t got = recvfrom(s->sock, name, room - 1, 0, (struct sockaddr *)&s->peer, &s->peer_len);
    if (got <= 0)
        return 0;
    name[got] = '\0';
    return 1;
}

int serve(int sock)
{
    struct session s = { .sock = sock };
    char name[128];
    char full[192];
    char block[512];
    size_t n;

    while (next_request(&s, name, sizeof(name))) {
        uint16_t number = 1;

        // open the file below /srv/tftp and send it block by block
