#include <stdio.h>
#include <string.h>

struct machine {
    char release[64];
    int modern;
};

static int major_of(const char *release)
{
    int major = 0;

    sscanf(release, "%d", &major);
    return major;
}

int inspect(struct machine *machine)
{
    machine->release[0] = '\0';
    machine->modern = 0;

    // the first line that "uname -r" prints is the release; modern from 5 on
