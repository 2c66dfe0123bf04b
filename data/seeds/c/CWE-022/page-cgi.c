#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *type_of(const char *name)
{
    const char *dot = strrchr(name, '.');

    if (dot != NULL && strcmp(dot, ".html") == 0)
        return "text/html";
    if (dot != NULL && strcmp(dot, ".css") == 0)
        return "text/css";
    return "text/plain";
}

static int send_page(const char *name)
{
    char path[512] = "/srv/www/pages";
    char block[4096];
    ssize_t got;

    strncat(path, name, sizeof(path) - strlen(path) - 1);
    int page = open(path, O_RDONLY);
    if (page < 0) {
        printf("Status: 404 Not Found\r\n\r\n");
        return 1;
    }
    printf("Content-Type: %s\r\n\r\n", type_of(name));
    while ((got = read(page, block, sizeof(block))) > 0)
        fwrite(block, 1, (size_t)got, stdout);
    close(page);
    return 0;
}

int main(void)
{
    const char *info = getenv("PATH_INFO");

    if (info == NULL || info[0] != '/')
        info = "/index.html";
    return send_page(info);
}
