#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *cache_root = "/var/cache/thumbnails";
static int verbose;

static int usage(const char *program)
{
    fprintf(stderr, "usage: %s [-v] KEY...\n", program);
    return 2;
}

static void complain(const char *key)
{
    fprintf(stderr, "%s: %s\n", key, strerror(errno));
}

int main(int argc, char **argv)
{
    char victim[1024];
    int failed = 0, i = 1;

    if (argc > 1 && strcmp(argv[1], "-v") == 0) {
        verbose = 1;
        i++;
    }
    if (i >= argc)
        return usage(argv[0]);

    for (; i < argc; i++) {
        const char *key = argv[i];
        /* a key's thumbnail is <cache_root>/<key>.png: take it away, complain when that fails */
