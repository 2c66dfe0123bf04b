#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct options {
    int interval;       /* seconds between two backups */
    const char *target;
};

static void usage(void)
{
    fputs("usage: backupd [-d DAYS] TARGET\n", stderr);
    exit(2);
}

static struct options parse_options(int argc, char *argv[])
{
    struct options options = { 86400, NULL };
    int letter;

    while ((letter = getopt(argc, argv, "d:")) != -1) {
        int days;

        if (letter != 'd')
            usage();
        days = atoi(optarg);
        if (days < 1)
            usage();
        /* a day has 86400 seconds */
