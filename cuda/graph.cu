/*
 * graph.cu: what is asked of the stream between two waits goes to the card as one graph.
 *
 * Where graphs are wanted, the first call after a wait or an upload begins to record the
 * stream instead of filling it; the next wait or upload ends that and hands the whole to the
 * card, which then starts the kernels by itself. The k-th recording since the last wait is
 * like the k-th of the step before, but for sizes and numbers, so its graph is kept and only
 * told what changed; where it has other kernels it is made anew. Kernels, their order and
 * their arguments are the same, so graphs change no bit.
 */
#include "cuda.h"

bool cuda_record(struct nn *nn)
{
    struct cuda *c = cuda_of(nn);

    if (nn->failed)
        return false;
    nn->launches++;
    if (!c->graphs || c->recording)
        return true;
    c->recording =
        CUDA_TRY(nn, cudaStreamBeginCapture(c->work, cudaStreamCaptureModeThreadLocal));
    return c->recording;
}

/* Let the graph that is kept be as the new one; false: it cannot. */
static bool update_graph(cudaGraphExec_t kept, cudaGraph_t graph)
{
    cudaGraphExecUpdateResultInfo info;

    if (cudaGraphExecUpdate(kept, graph, &info) == cudaSuccess)
        return true;
    (void)cudaGetLastError(); /* which would be found again behind the next launch */
    return false;
}

/* Hand the k-th recording since the last wait to the card. */
static void run_graph(struct nn *nn, cudaGraph_t graph)
{
    struct cuda *c = cuda_of(nn);
    cudaGraphExec_t *kept = &c->kept[c->next_graph++ % GRAPHS];

    if (*kept && !update_graph(*kept, graph)) {
        CUDA_TRY(nn, cudaGraphExecDestroy(*kept));
        *kept = NULL;
    }
    if (!nn->failed && (*kept || CUDA_TRY(nn, cudaGraphInstantiate(kept, graph, 0))))
        CUDA_TRY(nn, cudaGraphLaunch(*kept, c->work));
}

void cuda_flush(struct nn *nn)
{
    struct cuda *c = cuda_of(nn);
    cudaGraph_t graph = NULL;

    if (!c->recording)
        return;
    c->recording = false;
    if (CUDA_TRY(nn, cudaStreamEndCapture(c->work, &graph)) && graph) {
        run_graph(nn, graph);
        CUDA_TRY(nn, cudaGraphDestroy(graph));
    }
}

void cuda_drop_graphs(struct cuda *c)
{
    cuda_flush(&c->nn);
    for (size_t i = 0; i < GRAPHS; i++)
        if (c->kept[i])
            cudaGraphExecDestroy(c->kept[i]);
}
