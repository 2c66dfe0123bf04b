#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CHANNELS 16

struct reading {
    uint8_t device;
    uint8_t count;
    uint8_t values[CHANNELS];
};

static int next_reading(int port, struct reading *reading)
{
    uint8_t frame[260];
    ssize_t got = read(port, frame, sizeof(frame));

    if (got < 2)
        return -1;
    reading->device = frame[0];
    reading->count = frame[1];
    if (got < 2 + reading->count)
        return -1;
    memcpy(reading->values, frame + 2, reading->count);
    return 0;
}

int main(void)
{
    struct reading reading;
    int port = open("/dev/ttyUSB0", O_RDONLY);

    if (port < 0) {
        perror("/dev/ttyUSB0");
        return 1;
    }
    while (next_reading(port, &reading) == 0) {
        printf("device %u:", reading.device);
        for (int i = 0; i < CHANNELS && i < reading.count; i++)
            printf(" %u", reading.values[i]);
        putchar('\n');
    }
    close(port);
    return 0;
}
