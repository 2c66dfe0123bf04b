#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#define REPORTS "/home/reports"

static void join(char *out, size_t room, const char *name)
{
    snprintf(out, room, "%s/%s.csv", REPORTS, name);
}

static void rename_report(const char *from, const char *to)
{
    char source[200], target[200];

    join(source, sizeof(source), from);
    join(target, sizeof(target), to);
    if (rename(source, target) != 0)
        perror("rename");
    else
        printf("%s is now %s\n", from, to);
}

int main(void)
{
    char *line = NULL;
    size_t room = 0;

    while (getline(&line, &room, stdin) > 0) {
        char *verb = strtok(line, " \n");
        char *from = strtok(NULL, " \n");
        char *to = strtok(NULL, " \n");

        if (verb == NULL)
            continue;
        if (strcmp(verb, "quit") == 0)
            break;
        if (strcmp(verb, "rename") == 0 && from != NULL && to != NULL)
            rename_report(from, to);
        else
            puts("rename OLD NEW, or quit");
    }
    free(line);
    return 0;
}
