#include <stdio.h>
#include <string.h>

static const char *quote_for(const char *word)
{
    return strchr(word, ' ') != NULL ? "\"" : "";
}

int main(int argc, char **argv)
{
    char line[128] = "";
    int first = 1;

    if (argc > 1 && strcmp(argv[1], "--help") == 0) {
        printf("usage: %s WORD...\nprints the words as one line\n", argv[0]);
        return 0;
    }
    for (int i = 1; i < argc; i++) {
        const char *quote = quote_for(argv[i]);

        if (!first)
            strcat(line, " ");
        strcat(line, quote);
        strcat(line, argv[i]);
        strcat(line, quote);
        first = 0;
    }
    if (first) {
        fprintf(stderr, "no words\n");
        return 1;
    }
    puts(line);
    return 0;
}
