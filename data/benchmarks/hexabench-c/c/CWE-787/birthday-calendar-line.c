#include <stdio.h>
#include <string.h>

struct birthday {
    int day;
    int month;
    char name[20];
};

static struct birthday calendar[366];
static int known;

static const char *after_date(const char *line)
{
    while (*line == ' ' || *line == '.' || (*line >= '0' && *line <= '9'))
        line++;
    return line;
}

/* a line is "24.12. Name" */
static void read_calendar(FILE *list)
{
    char line[200];

    while (known < 366 && fgets(line, sizeof(line), list) != NULL) {
        struct birthday *entry = &calendar[known];

        line[strcspn(line, "\r\n")] = '\0';
        if (sscanf(line, "%d.%d.", &entry->day, &entry->month) != 2)
            continue;
        // the rest of the line is the name
