#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct entry {
    char name[64];
    uint32_t size;
};

static int copy_bytes(FILE *from, FILE *to, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++) {
        int c = fgetc(from);
        if (c == EOF || fputc(c, to) == EOF)
            return -1;
    }
    return 0;
}

static int extract(FILE *bundle)
{
    struct entry entry;
    int count = 0;

    while (fread(&entry, sizeof(entry), 1, bundle) == 1) {
        entry.name[sizeof(entry.name) - 1] = '\0';
        FILE *out = fopen(entry.name, "wb");
        if (out == NULL)
            return -1;
        int status = copy_bytes(bundle, out, entry.size);
        fclose(out);
        if (status != 0)
            return -1;
        printf("%8u  %s\n", (unsigned)entry.size, entry.name);
        count++;
    }
    return count;
}

int main(void)
{
    FILE *bundle = fopen("update.bundle", "rb");

    if (bundle == NULL) {
        perror("update.bundle");
        return 1;
    }
    int count = extract(bundle);
    fclose(bundle);
    return count < 0;
}
