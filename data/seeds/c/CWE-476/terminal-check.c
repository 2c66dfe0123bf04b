#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct terminal {
    bool colours;
    bool unicode;
};

static struct terminal look_around(void)
{
    struct terminal terminal = { false, false };
    const char *kind = getenv("TERM");
    const char *locale = getenv("LANG");

    if (strstr(kind, "256color") != NULL || strcmp(kind, "linux") == 0)
        terminal.colours = isatty(STDOUT_FILENO);
    if (locale != NULL && strstr(locale, "UTF-8") != NULL)
        terminal.unicode = true;
    return terminal;
}

int main(void)
{
    struct terminal terminal = look_around();
    const char *mark = terminal.unicode ? "\xe2\x9c\x93" : "ok";

    if (terminal.colours)
        printf("\033[32m%s\033[0m", mark);
    else
        fputs(mark, stdout);
    putchar('\n');
    return 0;
}
