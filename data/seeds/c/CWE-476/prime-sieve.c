#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define LIMIT 1000000

static void strike(bool *composite, size_t prime)
{
    for (size_t n = prime * prime; n <= LIMIT; n += prime)
        composite[n] = true;
}

int main(int argc, char **argv)
{
    bool *composite = calloc(LIMIT + 1, sizeof(bool));
    bool quiet = argc > 1 && argv[1][0] == 'q';
    size_t count = 0;

    composite[0] = true;
    composite[1] = true;
    for (size_t n = 2; n * n <= LIMIT; n++) {
        if (!composite[n])
            strike(composite, n);
    }
    for (size_t n = 2; n <= LIMIT; n++) {
        if (composite[n])
            continue;
        count++;
        if (!quiet)
            printf("%zu\n", n);
    }
    fprintf(stderr, "%zu primes\n", count);
    free(composite);
    return 0;
}
