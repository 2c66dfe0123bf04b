#include <stdio.h>
#include <stdlib.h>

static int read_values(double *values, int count)
{
    for (int i = 0; i < count; i++)
        if (scanf("%lf", &values[i]) != 1)
            return -1;
    return 0;
}

static double largest(const double *values, int count)
{
    double most = values[0];

    for (int i = 1; i < count; i++)
        if (values[i] > most)
            most = values[i];
    return most;
}

int main(void)
{
    int rows, columns;

    if (scanf("%d %d", &rows, &columns) != 2 || rows < 1 || columns < 1) {
        fprintf(stderr, "rows and columns first\n");
        return 1;
    }
    int cells = rows * columns;
    double *values = malloc(cells * sizeof(double));
    if (values == NULL) {
        fprintf(stderr, "too large\n");
        return 1;
    }
    if (read_values(values, cells) == 0)
        printf("largest of %d x %d: %g\n", rows, columns, largest(values, cells));
    free(values);
    return 0;
}
