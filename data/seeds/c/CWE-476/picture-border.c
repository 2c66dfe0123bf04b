#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 64, HEIGHT = 48 };

struct picture {
    unsigned char *pixels;
    int border;
};

static void *reserve(size_t size)
{
    void *memory = malloc(size);

    if (memory == NULL)
        fprintf(stderr, "no memory for %zu bytes\n", size);
    return memory;
}

static void paint(struct picture *picture, unsigned char colour)
{
    picture->pixels = reserve(WIDTH * HEIGHT);
    memset(picture->pixels, 255, WIDTH * HEIGHT);
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            if (x < picture->border || y < picture->border)
                picture->pixels[y * WIDTH + x] = colour;
        }
    }
}

int main(int argc, char **argv)
{
    struct picture picture = { NULL, argc > 1 ? atoi(argv[1]) : 2 };

    paint(&picture, 64);
    printf("P5 %d %d 255\n", WIDTH, HEIGHT);
    fwrite(picture.pixels, 1, WIDTH * HEIGHT, stdout);
    free(picture.pixels);
    return 0;
}
