#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_DIR "/var/log/shop"

static void print_matching(FILE *log, const char *word)
{
    char line[512];
    unsigned long number = 0;

    while (fgets(line, sizeof(line), log) != NULL) {
        number++;
        if (word == NULL || strstr(line, word) != NULL)
            printf("%6lu  %s", number, line);
    }
}

int main(int argc, char *argv[])
{
    char path[256];

    if (argc < 2) {
        fprintf(stderr, "usage: %s NAME [WORD]\n", argv[0]);
        return EXIT_FAILURE;
    }

    snprintf(path, sizeof(path), "%s/%s", LOG_DIR, argv[1]);
    FILE *log = fopen(path, "r");
    if (log == NULL) {
        perror(path);
        return EXIT_FAILURE;
    }
    print_matching(log, argc > 2 ? argv[2] : NULL);
    fclose(log);
    return EXIT_SUCCESS;
}
