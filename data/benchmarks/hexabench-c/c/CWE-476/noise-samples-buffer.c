#include <stdio.h>
#include <stdint.h>

#define RATE 8000

static uint32_t state = 2463534242u;

static int16_t next_sample(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return (int16_t)(state & 0x7fff);
}

/* Returns a second of noise, RATE samples, which the caller frees. */
int16_t *make_noise(void)
{
