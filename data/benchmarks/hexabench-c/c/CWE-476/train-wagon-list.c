#include <stdlib.h>
#include <string.h>

struct wagon {
    char label[12];
    unsigned seats;
    struct wagon *next;
};

struct train {
    struct wagon *head;
    struct wagon *tail;
    unsigned seats;
};

static void copy_label(char *to, const char *label)
{
    strncpy(to, label, 11);
}

/* Couples a new, zeroed wagon to the end; returns it. */
struct wagon *couple(struct train *train, const char *label, unsigned seats)
{
    struct wagon *wagon;

