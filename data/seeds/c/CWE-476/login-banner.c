#include <stdio.h>
#include <time.h>

#define BANNER "/etc/issue.net"

static int count_lines(void)
{
    FILE *banner = fopen(BANNER, "r");
    char line[160];
    int lines = 0;

    while (fgets(line, sizeof(line), banner) != NULL) {
        if (line[0] == '#')
            continue;
        fputs(line, stdout);
        lines++;
    }
    fclose(banner);
    return lines;
}

int main(void)
{
    int lines = count_lines();

    if (lines == 0)
        puts("Welcome.");
    printf("It is %ld seconds after the epoch.\n", (long)time(NULL));
    return 0;
}
