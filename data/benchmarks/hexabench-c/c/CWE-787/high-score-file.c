#include <stdio.h>

#define PLACES 10

struct place {
    char player[12];
    unsigned points;
};

struct high_scores {
    struct place places[PLACES];
    int used;
};

static unsigned lowest(const struct high_scores *scores)
{
    return scores->used < PLACES ? 0 : scores->places[PLACES - 1].points;
}

/* each line of the file has a player, without blanks, and points */
int load_scores(struct high_scores *scores, const char *file_name)
{
    FILE *file = fopen(file_name, "r");

    scores->used = 0;
    if (file == NULL)
        return -1;
    while (scores->used < PLACES) {
        struct place *place = &scores->places[scores->used];

        // read the player and the points, and stop when there are no more
