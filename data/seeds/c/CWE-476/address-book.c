#include <stdio.h>
#include <stdlib.h>

struct contact {
    char name[40];
    char phone[24];
    struct contact *next;
};

static struct contact *add(struct contact *book, const char *name, const char *phone)
{
    struct contact *contact = malloc(sizeof(struct contact));

    snprintf(contact->name, sizeof(contact->name), "%s", name);
    snprintf(contact->phone, sizeof(contact->phone), "%s", phone);
    contact->next = book;
    return contact;
}

int main(void)
{
    char line[80], name[40], phone[24];
    struct contact *book = NULL;

    while (fgets(line, sizeof(line), stdin) != NULL) {
        if (sscanf(line, "%39s %23s", name, phone) == 2)
            book = add(book, name, phone);
    }
    while (book != NULL) {
        struct contact *next = book->next;

        printf("%-40s %s\n", book->name, book->phone);
        free(book);
        book = next;
    }
    return 0;
}
