#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CARD_DIR "/usr/share/recipes"

static void print_card(FILE *card)
{
    char line[160];

    while (fgets(line, sizeof(line), card) != NULL)
        fputs(line, stdout);
}

int main(int argc, char *argv[])
{
    const char *card_name = "index";
    char path[512];
    FILE *card;
    int option;

    while ((option = getopt(argc, argv, "r:h")) != -1) {
        if (option == 'r')
            card_name = optarg;
        else
            return EXIT_FAILURE;
    }

    /* the cards are CARD_DIR/<name>.card; print the one that was asked for, exit with 1 if it can't be opened */
