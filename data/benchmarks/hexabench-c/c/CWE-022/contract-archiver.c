#include <stdio.h>
#include <string.h>

#define INBOX "contracts/inbox"
#define ARCHIVE "contracts/archive"

struct report {
	int moved;
	int missing;
};

static int next_name(FILE *list, char *name, int room)
{
	while (fgets(name, room, list)) {
		name[strcspn(name, "\r\n")] = 0;
		if (name[0] && name[0] != ';')
			return 1;
	}
	return 0;
}

struct report archive_all(FILE *list)
{
	struct report report = {0, 0};
	char name[90];
	char from[200];
	char to[200];

	while (next_name(list, name, sizeof name)) {
		/* move INBOX/name to ARCHIVE/name and count it as moved or missing */
