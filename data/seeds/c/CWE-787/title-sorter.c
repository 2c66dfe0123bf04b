#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "The Trial" is sorted as "Trial, The" */
static char *sort_key(const char *title)
{
    char *key = malloc(strlen(title) + 1);

    if (key == NULL)
        exit(1);
    if (strncmp(title, "The ", 4) == 0) {
        strcpy(key, title + 4);
        strcat(key, ", The");
    } else {
        strcpy(key, title);
    }
    return key;
}

int main(void)
{
    char line[200];
    char *titles[500];
    size_t count = 0;

    while (count < 500 && fgets(line, sizeof(line), stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        titles[count++] = sort_key(line);
    }
    qsort(titles, count, sizeof(titles[0]), compare);
    for (size_t i = 0; i < count; i++) {
        puts(titles[i]);
        free(titles[i]);
    }
    return 0;
}
