#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

int main(void)
{
    char folder[256];
    struct dirent **entries;
    const char *tenant = getenv("HTTP_X_TENANT");

    if (tenant == NULL || strlen(tenant) > 64) {
        puts("Status: 400 Bad Request\r\n\r");
        return 0;
    }
    snprintf(folder, sizeof(folder), "/srv/tenants/%s/files", tenant);

    int count = scandir(folder, &entries, visible, alphasort);
    if (count < 0) {
        puts("Status: 404 Not Found\r\n\r");
        return 0;
    }
    puts("Content-Type: text/plain\r\n\r");
    for (int i = 0; i < count; i++) {
        puts(entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return 0;
}
