#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 12

struct row {
    char *cells[COLUMNS];
    int count;
};

static void split(char *line, struct row *row)
{
    char *cell;

    row->count = 0;
    while ((cell = strsep(&line, ",")) != NULL) {
        row->cells[row->count] = cell;
        row->count++;
    }
}

int main(int argc, char **argv)
{
    char line[1024];
    struct row row;
    int wanted = argc > 1 ? atoi(argv[1]) : 0;

    if (wanted < 0 || wanted >= COLUMNS) {
        fprintf(stderr, "usage: %s COLUMN < TABLE\n", argv[0]);
        return 2;
    }
    while (fgets(line, sizeof(line), stdin) != NULL) {
        line[strcspn(line, "\r\n")] = '\0';
        split(line, &row);
        puts(wanted < row.count ? row.cells[wanted] : "");
    }
    return 0;
}
