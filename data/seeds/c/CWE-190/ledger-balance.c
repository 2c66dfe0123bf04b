#include <stdio.h>
#include <string.h>

struct account {
    char owner[32];
    int balance;
};

static void apply(struct account *account, const char *kind, int amount)
{
    if (amount < 0)
        return;
    if (strcmp(kind, "credit") == 0)
        account->balance += amount;
    else if (strcmp(kind, "debit") == 0 && amount <= account->balance)
        account->balance -= amount;
}

int main(void)
{
    struct account account = {"till", 0};
    char line[128], kind[16];
    int amount;

    FILE *ledger = fopen("ledger.txt", "r");
    if (ledger == NULL) {
        perror("ledger.txt");
        return 1;
    }
    while (fgets(line, sizeof(line), ledger) != NULL) {
        if (line[0] == ';')
            continue;
        if (sscanf(line, "%15s %d", kind, &amount) == 2)
            apply(&account, kind, amount);
    }
    fclose(ledger);
    printf("%s: %d\n", account.owner, account.balance);
    return account.balance < 0;
}
