#include <stdio.h>
#include <unistd.h>

#define ZONE "/sys/class/thermal/thermal_zone0/temp"

static int limit = 85000;

static void warn_user(int milli)
{
    fprintf(stderr, "hot: %d.%d degrees\n", milli / 1000, milli % 1000 / 100);
}

static int temperature(void)
{
    int milli = 0;

    /* ZONE holds one number, thousandths of a degree */
