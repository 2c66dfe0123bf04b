#include <stdio.h>
#include <stdlib.h>

struct series {
    double *values;
    size_t length;
    size_t capacity;
};

static void record(struct series *series, double value)
{
    if (series->length == series->capacity) {
        series->capacity += 256;
        series->values = realloc(series->values, series->capacity * sizeof(double));
    }
    series->values[series->length++] = value;
}

static double highest(const struct series *series)
{
    double best = -273.15;

    for (size_t i = 0; i < series->length; i++)
        if (series->values[i] > best)
            best = series->values[i];
    return best;
}

int main(void)
{
    struct series series = { NULL, 0, 0 };
    double value;

    while (scanf("%lf", &value) == 1)
        record(&series, value);
    printf("%zu values, at most %.1f\n", series.length, highest(&series));
    free(series.values);
    return 0;
}
