#include <stdio.h>
#include <string.h>

struct robot {
    int x;
    int y;
    int beeps;
};

static void step(struct robot *robot, const char *direction)
{
    switch (direction[0]) {
    case 'n':
        robot->y++;
        break;
    case 's':
        robot->y--;
        break;
    default:
        robot->x++;
    }
}

/* line is "beep" or "go DIRECTION" */
int obey(struct robot *robot, char *line)
{
