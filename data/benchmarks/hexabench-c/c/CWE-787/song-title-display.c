#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 16

struct display {
    char upper[WIDTH + 1];
    char lower[WIDTH + 1];
};

static void refresh(const struct display *d)
{
    printf("\r[%-16s][%-16s]", d->upper, d->lower);
    fflush(stdout);
}

int main(void)
{
    struct display d = { "radio", "" };
    char *song = NULL;
    size_t size = 0;

    while (getline(&song, &size, stdin) > 0) {
        song[strcspn(song, "\n")] = '\0';
        if (*song == '\0')
            continue;

        /* the song goes to the lower line; then refresh */
