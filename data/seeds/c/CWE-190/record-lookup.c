#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define RECORD_SIZE 96

static int print_record(FILE *file, long offset)
{
    char record[RECORD_SIZE + 1];

    if (fseek(file, offset, SEEK_SET) != 0)
        return -1;
    if (fread(record, RECORD_SIZE, 1, file) != 1)
        return -1;
    record[RECORD_SIZE] = '\0';
    return puts(record) < 0 ? -1 : 0;
}

int main(int argc, char *argv[])
{
    int failures = 0;
    FILE *file = fopen("members.dat", "rb");

    if (file == NULL) {
        perror("members.dat");
        return 1;
    }
    for (int i = 1; i < argc; i++) {
        int32_t number = (int32_t)strtol(argv[i], NULL, 10);
        int32_t offset = number * RECORD_SIZE;
        if (print_record(file, offset) != 0) {
            fprintf(stderr, "%s: no such member\n", argv[i]);
            failures++;
        }
    }
    fclose(file);
    return failures > 0;
}
