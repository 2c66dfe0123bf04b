#include <stdio.h>
#include <stdlib.h>

struct totals {
    long readings;
    double sum;
};

static void import_gauge(FILE *gauge, struct totals *totals)
{
    double value;

    while (fscanf(gauge, "%lf", &value) == 1) {
        totals->readings++;
        totals->sum += value;
    }
}

static void chomp(char *line, ssize_t length)
{
    if (length > 0 && line[length - 1] == '\n')
        line[length - 1] = '\0';
}

int main(void)
{
    struct totals totals = {0, 0.0};
    char *gauge_id = NULL;
    size_t size = 0;
    ssize_t length;
    char path[300];

    while ((length = getline(&gauge_id, &size, stdin)) > 0) {
        chomp(gauge_id, length);
        if (gauge_id[0] == '#')
            continue;
        /* the readings are in spool/<gauge id>; a gauge without a file is reported and skipped */
