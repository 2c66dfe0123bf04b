#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CREDIT_LIMIT 20000

struct line_item {
    int cents;
    int pieces;
};

static int parse_item(char *text, struct line_item *item)
{
    char *pieces = strchr(text, 'x');

    if (pieces == NULL)
        return 0;
    *pieces++ = '\0';
    item->cents = atoi(text);
    item->pieces = atoi(pieces);
    return item->cents > 0 && item->pieces > 0;
}

int main(void)
{
    char *text = NULL;
    size_t room = 0;
    struct line_item item;
    int number = 0;

    while (getline(&text, &room, stdin) != -1) {
        number++;
        if (!parse_item(text, &item)) {
            fprintf(stderr, "line %d: expected CENTSxPIECES\n", number);
            continue;
        }
        /* print what the line costs, and "refused" when that is above CREDIT_LIMIT */
