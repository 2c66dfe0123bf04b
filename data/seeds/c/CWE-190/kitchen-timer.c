#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void show(int seconds)
{
    printf("\r%02d:%02d:%02d ", seconds / 3600, seconds / 60 % 60, seconds % 60);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    int hours, minutes, seconds;

    if (argc != 3) {
        fprintf(stderr, "usage: %s HOURS MINUTES\n", argv[0]);
        return 2;
    }
    hours = atoi(argv[1]);
    minutes = atoi(argv[2]);
    seconds = hours * 3600 + minutes * 60;
    if (seconds <= 0) {
        fprintf(stderr, "nothing to wait for\n");
        return 2;
    }
    for (int left = seconds; left > 0; left--) {
        show(left);
        sleep(1);
    }
    puts("\a\ndone");
    return 0;
}
