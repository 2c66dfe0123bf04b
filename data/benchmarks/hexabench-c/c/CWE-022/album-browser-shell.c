#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

struct browser {
    char root[128];
    unsigned shown;
};

static void show_entry(struct browser *b, const struct dirent *entry)
{
    if (entry->d_name[0] == '.')
        return;
    printf("%4u  %s\n", ++b->shown, entry->d_name);
}

static void trim(char *s)
{
    for (; *s; s++)
        if (*s == '\n' || *s == '\r')
            *s = '\0';
}

int main(void)
{
    struct browser b = {"/home/pictures/albums", 0};
    char album[100], folder[300];

    for (;;) {
        printf("album> ");
        fflush(stdout);
        if (!fgets(album, sizeof album, stdin))
            return 0;
        trim(album);

        // go through the album's folder below b.root and call show_entry for everything in it
