#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct hall {
    int rows;
    int seats;
};

static int read_hall(struct hall *hall)
{
    char line[64];

    fputs("rows and seats: ", stdout);
    if (fgets(line, sizeof(line), stdin) == NULL)
        return -1;
    if (sscanf(line, "%d %d", &hall->rows, &hall->seats) != 2)
        return -1;
    return hall->rows > 0 && hall->seats > 0 && hall->seats <= 40 ? 0 : -1;
}

int main(void)
{
    struct hall hall;
    char seats[41];

    if (read_hall(&hall) != 0) {
        fprintf(stderr, "no such hall\n");
        return 1;
    }
    memset(seats, '_', sizeof(seats) - 1);
    seats[hall.seats] = '\0';
    for (unsigned char row = 0; row < hall.rows; row++)
        printf("%3d %s\n", row, seats);
    return 0;
}
