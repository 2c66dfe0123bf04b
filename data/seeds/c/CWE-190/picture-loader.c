#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct picture {
    uint32_t width;
    uint32_t height;
    unsigned char *pixels;
};

static int load(FILE *in, struct picture *picture)
{
    uint32_t size;

    if (fread(&picture->width, sizeof(uint32_t), 1, in) != 1)
        return -1;
    if (fread(&picture->height, sizeof(uint32_t), 1, in) != 1)
        return -1;
    size = picture->width * picture->height * 3;
    picture->pixels = malloc(size);
    if (picture->pixels == NULL)
        return -1;
    if (fread(picture->pixels, 1, size, in) != size) {
        free(picture->pixels);
        return -1;
    }
    return 0;
}

int main(void)
{
    struct picture picture;
    FILE *in = fopen("input.rgb", "rb");

    if (in == NULL) {
        perror("input.rgb");
        return 1;
    }
    int status = load(in, &picture);
    fclose(in);
    if (status != 0) {
        fprintf(stderr, "not a picture\n");
        return 1;
    }
    printf("%u x %u\n", picture.width, picture.height);
    free(picture.pixels);
    return 0;
}
