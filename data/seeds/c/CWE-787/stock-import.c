#include <stdio.h>

struct article {
    char code[10];
    char shelf[6];
    unsigned stock;
};

static int parse(const char *line, struct article *article)
{
    return sscanf(line, "%[^;];%5[^;];%u", article->code, article->shelf, &article->stock) == 3;
}

int main(void)
{
    FILE *list = fopen("/srv/stock/articles.txt", "r");
    char line[256];
    int number = 0;

    if (list == NULL) {
        perror("articles.txt");
        return 1;
    }
    while (fgets(line, sizeof(line), list) != NULL) {
        struct article article;

        number++;
        if (!parse(line, &article)) {
            fprintf(stderr, "line %d cannot be read\n", number);
            continue;
        }
        if (article.stock < 5)
            printf("order %s (shelf %s)\n", article.code, article.shelf);
    }
    fclose(list);
    return 0;
}
