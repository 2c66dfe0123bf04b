#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static void header(const char *status)
{
    printf("Status: %s\r\nContent-Type: text/html\r\n\r\n", status);
}

static int list_works(DIR *works)
{
    struct dirent *work;

    header("200 OK");
    while ((work = readdir(works)) != NULL)
        if (work->d_name[0] != '.')
            printf("<li>%s</li>\n", work->d_name);
    closedir(works);
    return 0;
}

int main(void)
{
    char folder[400];
    char *exhibition = getenv("PATH_INFO");

    if (exhibition == NULL)
        exhibition = "permanent";
    else if (*exhibition == '/')
        exhibition++;

    /* list the works in /srv/museum/exhibitions/<exhibition>/works, or say 404 Not Found */
