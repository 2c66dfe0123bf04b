#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT (256 * 1024)

struct upload {
    char user[64];
    char kind[8];
};

static int parse_query(const char *query, struct upload *upload)
{
    if (query == NULL)
        return -1;
    return sscanf(query, "user=%63[^&]&kind=%7[a-z]", upload->user, upload->kind) == 2 ? 0 : -1;
}

static int copy_body(FILE *out)
{
    int c;

    for (int count = 0; count < LIMIT; count++) {
        if ((c = getchar()) == EOF)
            return 0;
        if (fputc(c, out) == EOF)
            return -1;
    }
    return -1;
}

int main(void)
{
    struct upload upload;
    char path[160];

    if (parse_query(getenv("QUERY_STRING"), &upload) != 0) {
        printf("Status: 400 Bad Request\r\n\r\n");
        return 0;
    }
    snprintf(path, sizeof(path), "/var/lib/avatars/%s.%s", upload.user, upload.kind);
    FILE *out = fopen(path, "wb");
    if (out == NULL) {
        printf("Status: 500 Internal Server Error\r\n\r\n");
        return 1;
    }
    int status = copy_body(out);
    fclose(out);
    printf("Content-Type: text/plain\r\n\r\n%s\n", status == 0 ? "stored" : "too large");
    return 0;
}
