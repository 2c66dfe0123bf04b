#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define MAX_DATAGRAM 1400

struct batch_header {
    uint16_t station;
    uint16_t flags;
    int32_t samples;
    int32_t channels;
};

struct batch {
    int32_t *values;
    int32_t total;
};

bool receive_batch(int sock, struct batch *batch)
{
    unsigned char datagram[MAX_DATAGRAM];
    struct batch_header header;
    ssize_t got = recvfrom(sock, datagram, sizeof(datagram), 0, NULL, NULL);

    if (got < (ssize_t)sizeof(header))
        return false;
    memcpy(&header, datagram, sizeof(header));
    if (header.samples <= 0 || header.channels <= 0)
        return false;

    // batch->total is samples times channels; reserve the values, zeroed, for the caller to fill
