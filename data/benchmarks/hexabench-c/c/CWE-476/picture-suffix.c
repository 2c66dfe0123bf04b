#include <stdio.h>
#include <string.h>

static const char *suffixes[] = { ".jpg", ".png", ".gif" };

static int is_one_of(const char *suffix)
{
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
        if (strcmp(suffix, suffixes[i]) == 0)
            return 1;
    return 0;
}

int main(void)
{
    char name[256];
    int pictures = 0;

    while (fgets(name, sizeof(name), stdin) != NULL) {
        name[strcspn(name, "\n")] = '\0';
        // count it if what comes from the last dot on is one of the suffixes
