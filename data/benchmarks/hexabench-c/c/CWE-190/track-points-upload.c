#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>

#define POINT_BYTES 12u     /* latitude, longitude and height, four bytes each */

struct track {
    uint32_t count;
    unsigned char *points;
};

static int receive_all(int sock, void *to, uint32_t size)
{
    return recv(sock, to, size, MSG_WAITALL) == (ssize_t)size;
}

struct track *receive_track(int sock)
{
    uint32_t count;
    struct track *track = malloc(sizeof(struct track));

    if (track == NULL)
        return NULL;
    if (!receive_all(sock, &count, 4)) {
        free(track);
        return NULL;
    }
    track->count = ntohl(count);
    /* then come the points themselves: make room for them and receive them */
