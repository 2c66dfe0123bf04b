#include <ctype.h>
#include <stdio.h>

static int longest;

static void report(const char *word, int length)
{
    if (length > longest) {
        longest = length;
        printf("longest so far: %s (%d)\n", word, length);
    }
}

static int skip_blanks(void)
{
    int c;

    do
        c = getchar();
    while (c != EOF && isspace(c));
    return c;
}

/* reports the next word; 0 at the end of the ticker */
static int next_word(void)
{
    char word[64];
    int length = 0;
    int c = skip_blanks();

    while (c != EOF && !isspace(c)) {
        /* c belongs to the word */
