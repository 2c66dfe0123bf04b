#include <ctype.h>
#include <stdio.h>
#include <string.h>

struct film {
    const char *title;
    int year;
};

static const struct film films[] = {
    { "metropolis", 1927 },
    { "nosferatu", 1922 },
    { "m", 1931 },
};

/* The title in capitals, as a string of its own; films[] stays as it is. */
char *shout(const struct film *film)
{
    char *p;
