#include <stdio.h>
#include <string.h>

struct article {
    const char *name;
    int cents;
};

static const struct article articles[] = {
    {"screw", 12},
    {"hammer", 1499},
    {"drill", 8950},
};

static const struct article *find(const char *name)
{
    for (size_t i = 0; i < sizeof(articles) / sizeof(articles[0]); i++)
        if (strcmp(articles[i].name, name) == 0)
            return &articles[i];
    return NULL;
}

int main(void)
{
    char name[32];
    int quantity;
    const int budget = 50000;

    while (printf("article and quantity: "), scanf("%31s %d", name, &quantity) == 2) {
        const struct article *article = find(name);
        if (article == NULL || quantity <= 0) {
            puts("not for sale");
            continue;
        }
        int cost = article->cents * quantity;
        if (cost > budget) {
            puts("too expensive");
            continue;
        }
        printf("%d x %s for %d.%02d\n", quantity, name, cost / 100, cost % 100);
    }
    return 0;
}
