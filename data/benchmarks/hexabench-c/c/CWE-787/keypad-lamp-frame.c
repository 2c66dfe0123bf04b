#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#define LAMPS 24

struct frame {
    uint8_t start;
    uint8_t lamp;
    uint8_t brightness;
};

static uint8_t brightness[LAMPS];

static int read_frame(int port, struct frame *frame)
{
    return read(port, frame, sizeof(*frame)) == (ssize_t)sizeof(*frame) && frame->start == 0xAA;
}

int main(void)
{
    struct frame frame;
    int port = open("/dev/ttyACM0", O_RDWR);

    if (port < 0)
        return 1;
    while (read_frame(port, &frame)) {
        // set the lamp's brightness, and write the whole table back to the port
