#include <stdio.h>
#include <stdlib.h>

#define PLAYERS 9

static void show(const int *points)
{
    for (int i = 1; i < PLAYERS; i++)
        printf("player %d: %d\n", i, points[i]);
}

int main(void)
{
    int points[PLAYERS] = { 0 };
    int player;
    char result;

    while (scanf("%d %c", &player, &result) == 2) {
        switch (result) {
        case 'w':
            points[player] = 3;
            break;
        case 's':
            show(points);
            break;
        default:
            fprintf(stderr, "no result: %c\n", result);
            return EXIT_FAILURE;
        }
    }
    show(points);
    return EXIT_SUCCESS;
}
