#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

static int show(const char *login)
{
    struct passwd *entry = getpwnam(login);
    const char *shell = strrchr(entry->pw_shell, '/');

    printf("%s lives in %s", login, entry->pw_dir);
    if (shell != NULL)
        printf(" and speaks %s", shell + 1);
    putchar('\n');
    return entry->pw_uid == 0;
}

int main(int argc, char **argv)
{
    int administrators = 0;

    if (argc < 2) {
        fprintf(stderr, "usage: %s LOGIN...\n", argv[0]);
        return 2;
    }
    for (int i = 1; i < argc; i++)
        administrators += show(argv[i]);
    if (administrators > 0)
        puts("take care");
    return 0;
}
