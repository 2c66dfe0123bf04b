#include <stdbool.h>
#include <stdio.h>

#define LEVELS "assets/levels"
#define MAX_DEPTH 4

typedef struct {
    int walls;
    int coins;
} Level;

static void put_tile(Level *level, char tile)
{
    if (tile == '#')
        level->walls++;
    else if (tile == 'o')
        level->coins++;
}

bool load_level(Level *level, FILE *in, int depth)
{
    char word[32], name[64], path[128];

    if (depth > MAX_DEPTH)
        return false;
    while (fscanf(in, "%31s", word) == 1) {
        if (word[0] != '@') {
            for (char *tile = word; *tile; tile++)
                put_tile(level, *tile);
            continue;
        }
        if (fscanf(in, "%63s", name) != 1)
            return false;
        // "@ name" pulls in another level file from LEVELS, read with depth + 1
