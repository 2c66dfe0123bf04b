#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE 96

struct render_job {
    char options[LINE];
    int frames;
};

static const struct option known[] = {
    { "scene", required_argument, NULL, 's' },
    { "frames", required_argument, NULL, 'f' },
    { NULL, 0, NULL, 0 },
};

static void submit(const struct render_job *job)
{
    printf("render %s (%d frames)\n", job->options, job->frames);
}

int main(int argc, char **argv)
{
    struct render_job job = { "-quiet", 1 };
    int letter;

    while ((letter = getopt_long(argc, argv, "s:f:", known, NULL)) != -1) {
        if (letter == 'f') {
            job.frames = atoi(optarg);
            continue;
        }
        if (letter != 's')
            return EXIT_FAILURE;
        /* append " -scene " and the scene's name to the options of the job */
