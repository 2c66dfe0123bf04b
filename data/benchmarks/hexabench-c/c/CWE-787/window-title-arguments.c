#include <stdio.h>
#include <string.h>

#define TITLE_SIZE 48

struct window {
    char title[TITLE_SIZE];
    int columns;
    int rows;
};

static void set_terminal_title(const struct window *window)
{
    printf("\033]0;%s\007", window->title);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    struct window window = { "", 80, 24 };

    if (argc != 3) {
        fprintf(stderr, "usage: %s DOCUMENT OWNER\n", argv[0]);
        return 64;
    }
    /* the title reads "DOCUMENT (OWNER)" */
