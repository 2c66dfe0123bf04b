#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RESULTS "/var/lib/search/results.txt"

static int parameter(const char *query, const char *name, int fallback)
{
    const char *at = query == NULL ? NULL : strstr(query, name);

    return at == NULL ? fallback : atoi(at + strlen(name));
}

int main(void)
{
    char line[256];
    const char *query = getenv("QUERY_STRING");
    int page = parameter(query, "page=", 0);
    int size = parameter(query, "size=", 20);
    int first = page * size;
    int number = 0, shown = 0;

    FILE *results = fopen(RESULTS, "r");
    if (results == NULL) {
        puts("Status: 503 Service Unavailable\r\n\r");
        return 1;
    }
    puts("Content-Type: text/plain\r\n\r");
    while (fgets(line, sizeof(line), results) != NULL) {
        if (number++ < first)
            continue;
        if (shown++ >= size)
            break;
        fputs(line, stdout);
    }
    fclose(results);
    return 0;
}
