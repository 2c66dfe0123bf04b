#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct job {
    char title[64];
    int pages;
    struct job *next;
};

static struct job *first;

static int enqueue(const char *title, int pages)
{
    struct job *job = calloc(1, sizeof(*job));
    struct job **end = &first;

    if (job == NULL)
        return -1;
    snprintf(job->title, sizeof(job->title), "%s", title);
    job->pages = pages;
    while (*end != NULL)
        end = &(*end)->next;
    *end = job;
    return 0;
}

static struct job *dequeue(void)
{
    struct job *job = first;

    if (job != NULL)
        first = job->next;
    return job;
}

int main(void)
{
    char line[64];

    while (fgets(line, sizeof(line), stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strcmp(line, "print") == 0) {
            struct job *job = dequeue();
            printf("printing %s, %d pages\n", job->title, job->pages);
            free(job);
        } else if (enqueue(line, 1) != 0) {
            return 1;
        }
    }
    return 0;
}
