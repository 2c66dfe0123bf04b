#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *title = "untitled";

static void remind(int day)
{
    printf("%s is due on day %d\n", title, day);
}

int main(int argc, char **argv)
{
    int lent_on, days;

    if (argc != 4 || strlen(argv[1]) > 60) {
        fprintf(stderr, "usage: %s TITLE LENT_ON DAYS\n", argv[0]);
        return 1;
    }
    title = argv[1];
    lent_on = atoi(argv[2]);
    days = atoi(argv[3]);

    // remind of the day on which it is due, which must not be negative
