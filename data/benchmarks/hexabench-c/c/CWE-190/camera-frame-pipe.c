#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct frame_header {
    uint32_t columns;
    uint32_t lines;
    uint32_t depth;
};

struct frame {
    struct frame_header header;
    uint8_t *samples;
};

static int fill(int fd, uint8_t *to, size_t wanted)
{
    while (wanted > 0) {
        ssize_t got = read(fd, to, wanted);
        if (got <= 0)
            return -1;
        to += got;
        wanted -= (size_t)got;
    }
    return 0;
}

int read_frame(int fd, struct frame *frame)
{
    uint32_t size;

    if (read(fd, &frame->header, sizeof(frame->header)) != (ssize_t)sizeof(frame->header))
        return -1;
    if (frame->header.depth != 1 && frame->header.depth != 3)
        return -1;

    /* allocate columns x lines x depth bytes and fill them from the pipe */
