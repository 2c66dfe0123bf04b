#include <stddef.h>
#include <string.h>

typedef struct page {
    char  *text;
    size_t used;
} page;

void page_init(page *p)
{
    p->text = 0;
    p->used = 0;
}

int page_is_blank(const page *p)
{
    return p->used == 0 || strspn(p->text, " \t\n") == p->used;
}

/* enlarges the text by size bytes and puts the piece behind what is there; 0 when done */
int page_append(page *p, const char *piece, size_t size)
{
    if (size == 0)
        return 0;
