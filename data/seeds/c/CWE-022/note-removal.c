#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool ask(const char *question, char *answer, int room)
{
    fputs(question, stdout);
    fflush(stdout);
    if (fgets(answer, room, stdin) == NULL)
        return false;
    answer[strcspn(answer, "\r\n")] = '\0';
    return answer[0] != '\0';
}

int main(void)
{
    char title[64];
    char sure[8];
    char path[128];
    int removed = 0;

    while (ask("Note to remove: ", title, sizeof(title))) {
        if (!ask("Really (y/n)? ", sure, sizeof(sure)) || sure[0] != 'y')
            continue;
        snprintf(path, sizeof(path), "notes/%s.txt", title);
        if (remove(path) == 0)
            removed++;
        else
            perror(title);
    }
    printf("\n%d removed\n", removed);
    return 0;
}
