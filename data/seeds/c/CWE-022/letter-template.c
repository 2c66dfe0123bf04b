#include <ctype.h>
#include <stdio.h>

static void fill(FILE *template, const char *name)
{
    int c;

    while ((c = fgetc(template)) != EOF) {
        if (c == '@')
            fputs(name, stdout);
        else
            putchar(c);
    }
}

static void capitalise(char *name)
{
    name[0] = (char)toupper((unsigned char)name[0]);
}

int main(void)
{
    char kind[40];
    char name[40];
    char path[80] = "letters/";

    while (scanf("%39s %39s", kind, name) == 2) {
        capitalise(name);
        snprintf(path + 8, sizeof(path) - 8, "%s", kind);
        FILE *template = fopen(path, "r");
        if (template == NULL) {
            fprintf(stderr, "no letter of the kind %s\n", kind);
            continue;
        }
        fill(template, name);
        fclose(template);
    }
    return 0;
}
