#include <ctype.h>
#include <stdio.h>
#include <string.h>

struct question {
    const char *text;
    const char *answer;
};

static const struct question questions[] = {
    { "Capital of Portugal?", "lisbon" },
    { "Largest planet?", "jupiter" },
    { "Author of Faust?", "goethe" },
};

static int ask(const struct question *question)
{
    char reply[12];

    printf("%s ", question->text);
    fflush(stdout);
    if (scanf("%s", reply) != 1)
        return 0;
    for (char *p = reply; *p != '\0'; p++)
        *p = (char)tolower((unsigned char)*p);
    return strcmp(reply, question->answer) == 0;
}

int main(void)
{
    int right = 0, n = sizeof(questions) / sizeof(questions[0]);

    for (int i = 0; i < n; i++)
        right += ask(&questions[i]);
    printf("%d of %d are right\n", right, n);
    return 0;
}
