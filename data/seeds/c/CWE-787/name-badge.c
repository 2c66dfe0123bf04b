#include <stdio.h>
#include <string.h>

struct badge {
    char name[24];
    char company[24];
    int number;
};

static void fill(struct badge *badge, const char *name, const char *company)
{
    static int last = 100;

    strcpy(badge->name, name);
    snprintf(badge->company, sizeof(badge->company), "%s", company);
    badge->number = ++last;
}

static void print(const struct badge *badge)
{
    puts("+--------------------------+");
    printf("| %-24s |\n", badge->name);
    printf("| %-20s %03d |\n", badge->company, badge->number);
    puts("+--------------------------+");
}

int main(int argc, char **argv)
{
    struct badge badge;

    if (argc < 3) {
        fprintf(stderr, "usage: %s COMPANY NAME...\n", argv[0]);
        return 2;
    }
    for (int i = 2; i < argc; i++) {
        fill(&badge, argv[i], argv[1]);
        print(&badge);
    }
    return 0;
}
