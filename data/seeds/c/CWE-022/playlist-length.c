#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct track {
    char file[200];
    long bytes;
    struct track *next;
};

static long size_of(const char *folder, const char *name)
{
    char path[300];
    long size = -1;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *in = fopen(path, "rb");
    if (in == NULL)
        return -1;
    if (fseek(in, 0, SEEK_END) == 0)
        size = ftell(in);
    fclose(in);
    return size;
}

int main(void)
{
    char line[200];
    struct track *head = NULL;

    while (fgets(line, sizeof(line), stdin) != NULL) {
        line[strcspn(line, "\r\n")] = '\0';
        if (line[0] == '#' || line[0] == '\0')
            continue;
        struct track *track = malloc(sizeof(*track));
        if (track == NULL)
            return 1;
        snprintf(track->file, sizeof(track->file), "%s", line);
        track->bytes = size_of("music", track->file);
        track->next = head;
        head = track;
    }
    while (head != NULL) {
        struct track *next = head->next;
        printf("%10ld  %s\n", head->bytes, head->file);
        free(head);
        head = next;
    }
    return 0;
}
