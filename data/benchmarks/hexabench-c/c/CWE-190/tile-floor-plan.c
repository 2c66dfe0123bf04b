#include <stdio.h>
#include <stdlib.h>

struct floor {
    int width;
    int depth;
    unsigned char *cells;
};

static int ask_number(const char *question)
{
    char answer[32];

    printf("%s? ", question);
    fflush(stdout);
    if (fgets(answer, sizeof(answer), stdin) == NULL)
        return 0;
    return atoi(answer);
}

static int plan_floor(struct floor *floor)
{
    int cells;

    floor->width = ask_number("tiles across");
    floor->depth = ask_number("tiles deep");
    if (floor->width < 1 || floor->depth < 1)
        return -1;

    /* one byte a tile, all of them 0; return -1 if there is no memory, else how many tiles there are */
