#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *reversed(const char *word)
{
    char *copy = strdup(word);
    size_t last = strlen(word);

    for (size_t i = 0; i + 1 < last; i++, last--) {
        char kept = copy[i];

        copy[i] = copy[last - 1];
        copy[last - 1] = kept;
    }
    return copy;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: %s WORD...\n", argv[0]);
        return 2;
    }
    for (int i = argc - 1; i > 0; i--) {
        char *word = reversed(argv[i]);

        printf("%s ", word);
        free(word);
    }
    putchar('\n');
    return 0;
}
