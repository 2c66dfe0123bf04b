#include <stdio.h>
#include <stdlib.h>

typedef struct {
    unsigned nodes;
    unsigned *weights;
} Graph;

static void graph_clear(Graph *graph)
{
    free(graph->weights);
    graph->weights = NULL;
    graph->nodes = 0;
}

int graph_load(Graph *graph, const char *file_name)
{
    FILE *in = fopen(file_name, "r");
    unsigned weight, n = 0;
    unsigned cells;

    if (!in)
        return -1;
    graph->weights = NULL;
    if (fscanf(in, "nodes %u", &graph->nodes) != 1) {
        fclose(in);
        return -1;
    }

    /* nodes x nodes weights follow; -1 if memory or weights run out */
