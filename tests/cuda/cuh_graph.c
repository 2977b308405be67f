/*
 * cuh_graph.c: graphs: a stream's work that is recorded instead of done, and done as often as
 * the graph is launched.
 *
 * While a stream is recorded, whoever waits for it, or for an event of it, is refused, as by a
 * card.
 */
#include <stdlib.h>
#include <string.h>

#include <cuda_runtime.h>

#include "cuh.h"

struct node {
    struct node *next;
    void (*work)(void *data);
    size_t bytes;
    _Alignas(16) char data[];
};

struct CUgraph_st {
    struct node *first, **end;
};

/* What is launched is a copy, as the graph may go before it. */
struct CUgraphExec_st {
    struct CUgraph_st graph;
};

static size_t graphs;

size_t graphs_left(void)
{
    return graphs;
}

void graph_add(struct CUgraph_st *g, void (*work)(void *data), const void *data, size_t n)
{
    struct node *j = malloc(sizeof *j + n);

    if (!j)
        cuh_die("out of memory");
    j->next = NULL;
    j->work = work;
    j->bytes = n;
    memcpy(j->data, data, n);
    *(g->first ? g->end : &g->first) = j;
    g->end = &j->next;
}

static void copy_nodes(struct CUgraph_st *to, const struct CUgraph_st *from)
{
    for (const struct node *j = from->first; j; j = j->next)
        graph_add(to, j->work, j->data, j->bytes);
}

static void free_nodes(struct CUgraph_st *g)
{
    for (struct node *j = g->first, *next; j; j = next) {
        next = j->next;
        free(j);
    }
    g->first = NULL;
}

static void *new_graph(size_t bytes)
{
    void *g = calloc(1, bytes);

    if (!g)
        cuh_die("out of memory");
    graphs++;
    return g;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t s, enum cudaStreamCaptureMode mode)
{
    (void)mode;
    if (cuh_injected("cudaStreamBeginCapture"))
        return cuda_error(cudaErrorUnknown);
    if (stream_recording(s))
        return cuda_error(cudaErrorIllegalState);
    stream_record(s, new_graph(sizeof(struct CUgraph_st)));
    return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t s, cudaGraph_t *graph)
{
    if (!(*graph = stream_recording(s)))
        return cuda_error(cudaErrorIllegalState);
    stream_record(s, NULL);
    return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t g)
{
    free_nodes(g);
    free(g);
    graphs--;
    return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t *exec, cudaGraph_t g, unsigned long long flags)
{
    (void)flags;
    if (cuh_injected("cudaGraphInstantiate"))
        return cuda_error(cudaErrorMemoryAllocation);
    *exec = new_graph(sizeof **exec);
    copy_nodes(&(*exec)->graph, g);
    return cudaSuccess;
}

/* Only sizes and numbers may differ: the calls must be of the same kinds, in the same order. */
cudaError_t cudaGraphExecUpdate(cudaGraphExec_t exec, cudaGraph_t g,
                                cudaGraphExecUpdateResultInfo *info)
{
    const struct node *a = exec->graph.first, *b = g->first;

    while (a && b && a->work == b->work && a->bytes == b->bytes) {
        a = a->next;
        b = b->next;
    }
    *info = (cudaGraphExecUpdateResultInfo){.result =
                                                a || b ? cudaGraphExecUpdateErrorTopologyChanged
                                                       : cudaGraphExecUpdateSuccess};
    if (a || b)
        return cuda_error(cudaErrorGraphExecUpdateFailure);
    free_nodes(&exec->graph);
    copy_nodes(&exec->graph, g);
    return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t s)
{
    if (stream_recording(s))
        return cuda_error(cudaErrorIllegalState);
    for (const struct node *j = exec->graph.first; j; j = j->next)
        stream_add(s, j->work, j->data, j->bytes);
    return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec)
{
    free_nodes(&exec->graph);
    free(exec);
    graphs--;
    return cudaSuccess;
}
