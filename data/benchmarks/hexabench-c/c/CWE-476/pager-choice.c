#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct pager {
    const char *program;
    bool colours;
};

static struct pager fallback(void)
{
    struct pager pager = { "more", false };

    return pager;
}

/* $MANPAGER says which pager; "less" can show colours, the others cannot */
struct pager choose_pager(bool terminal)
{
    struct pager pager = fallback();

    if (!terminal)
        return pager;
