#include <stdio.h>
#include <string.h>

#define CANDIDATES 5

static char names[CANDIDATES][24];
static int votes[CANDIDATES];

static int *votes_of(const char *name)
{
    for (int i = 0; i < CANDIDATES; i++)
        if (strcmp(names[i], name) == 0)
            return &votes[i];
    return NULL;
}

static int read_candidates(FILE *list)
{
    int n = 0;

    while (n < CANDIDATES && fgets(names[n], sizeof(names[n]), list) != NULL) {
        names[n][strcspn(names[n], "\n")] = '\0';
        n++;
    }
    return n;
}

int main(void)
{
    char ballot[24];

    if (read_candidates(stdin) == 0)
        return 1;
    while (scanf("%23s", ballot) == 1) {
        /* one vote more for the candidate on the ballot */
