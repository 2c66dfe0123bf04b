#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#pragma pack(push, 1)
struct member {
	uint32_t magic;
	uint32_t name_size;
	uint32_t comment_size;
};
#pragma pack(pop)

#define MEMBER_MAGIC 0x4d454d31u

/*
 * Returns the name, a separator and the comment of the next member as one
 * string, which the caller frees; NULL at the end or for a broken archive.
 */
char *next_label(FILE *archive)
{
	struct member member;
	uint32_t size;
	char *label;

	if (fread(&member, sizeof member, 1, archive) != 1)
		return NULL;
	if (member.magic != MEMBER_MAGIC)
		return NULL;
