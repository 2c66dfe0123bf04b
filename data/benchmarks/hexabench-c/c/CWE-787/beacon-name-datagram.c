#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define MAX_BEACONS 64

struct beacon {
    char name[16];
    struct in_addr address;
    time_t seen;
};

static struct beacon beacons[MAX_BEACONS];
static int beacon_count;

int hear_beacon(int sock)
{
    char message[512];
    struct sockaddr_in from;
    socklen_t from_size = sizeof(from);
    ssize_t length;

    length = recvfrom(sock, message, sizeof(message) - 1, 0, (struct sockaddr *)&from, &from_size);
    if (length <= 0 || beacon_count >= MAX_BEACONS)
        return -1;
    message[length] = '\0';
    if (strncmp(message, "HELLO ", 6) != 0)
        return -1;

    struct beacon *beacon = &beacons[beacon_count];
    beacon->address = from.sin_addr;
    beacon->seen = time(NULL);
    /* the name is what comes after "HELLO " */
