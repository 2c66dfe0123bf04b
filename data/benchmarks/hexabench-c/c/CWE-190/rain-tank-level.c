#include <stdio.h>

enum { TANK_LITRES = 50000 };

struct tank {
    const char *place;
    int litres;
};

static void overflow_alarm(const struct tank *tank)
{
    fprintf(stderr, "%s is full\n", tank->place);
}

int main(void)
{
    struct tank tank = { "north field", 0 };
    int delivered;

    while (scanf("%d", &delivered) == 1) {
        if (delivered < 0) {
            fprintf(stderr, "a delivery is never negative\n");
            continue;
        }
        // what does not fit any more is not taken: the alarm instead
