#include <ctype.h>
#include <stdio.h>
#include <string.h>

struct settings {
    char language[16];
    char theme[16];
};

static void apply(struct settings *settings, char *line)
{
    char *equals = strchr(line, '=');
    char *value;

    *equals = '\0';
    value = equals + 1;
    while (isspace((unsigned char)*value))
        value++;
    if (strcmp(line, "language") == 0)
        snprintf(settings->language, sizeof(settings->language), "%s", value);
    else if (strcmp(line, "theme") == 0)
        snprintf(settings->theme, sizeof(settings->theme), "%s", value);
    else
        fprintf(stderr, "unknown setting %s\n", line);
}

int main(void)
{
    struct settings settings = { "en", "light" };
    char line[120];

    while (fgets(line, sizeof(line), stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] != '\0' && line[0] != '#')
            apply(&settings, line);
    }
    printf("language %s, theme %s\n", settings.language, settings.theme);
    return 0;
}
