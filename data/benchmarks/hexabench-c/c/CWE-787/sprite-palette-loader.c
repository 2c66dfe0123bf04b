#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define PALETTE_BYTES 768

struct sprite {
	uint8_t palette[PALETTE_BYTES];
	uint16_t colours;
};

static int is_palette(uint16_t kind)
{
	return kind == 0x0004 || kind == 0x2019;
}

/*
 * A sprite file is made of chunks: kind and size, two bytes each, and the data.
 * Only the palette is wanted, three bytes a colour.
 */
int load_palette(FILE *in, struct sprite *sprite)
{
	uint8_t data[65536];
	uint16_t kind, size;

	for (;;) {
		if (fread(&kind, sizeof kind, 1, in) != 1)
			return -1;
		if (fread(&size, sizeof size, 1, in) != 1)
			return -1;
		if (size > 0 && fread(data, size, 1, in) != 1)
			return -1;
		if (!is_palette(kind))
			continue;
		/* copy the colours and say how many there are */
