#include "nn/nn.h"

#include <stdlib.h>

#include "base/progress.h"
#include "cpu/host.h"

int nn_open_with(struct nn **nn, const struct nn_options *o, struct errbuf *eb)
{
    return host_open(nn, o, eb);
}

int nn_open(struct nn **nn, enum nn_kind kind, int threads, struct errbuf *eb)
{
    return nn_open_with(nn, &(struct nn_options){.kind = kind, .threads = threads}, eb);
}

const char *nn_isa(const struct nn *nn)
{
    return host_isa(nn);
}

const char *nn_gemm_name(const struct nn *nn)
{
    return host_gemm_name(nn);
}

enum nn_dtype nn_dtype(const struct nn *nn)
{
    return host_dtype(nn);
}

void nn_close(struct nn *nn)
{
    host_close(nn);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Of random numbers: a processor at its limit of power is faster with zeros or ones, which
 * switch fewer bits. The median: one that is fast for a moment is not so for a whole step. */
double nn_gemm_peak(struct nn *nn, float *room, size_t floats)
{
    enum { N = 2048, RUNS = 64 };
    static const double most = 0.3; /* seconds after which no other run begins */
    size_t one = (size_t)N * N, bytes = 2 * one * sizeof(float), n = 0;
    float *own = NULL, *x = room, *y, last;
    double begin, from, seconds[RUNS];

    if (nn->ops == &ops_ref)
        return 0;
    if (floats < 2 * one && !(x = own = nn->ops->mem_new(nn, bytes)))
        return 0;
    y = x + one;
    nn->ops->fill_normal(nn, x, 1, (struct rng){0}, one);
    begin = now_s();
    while (n < RUNS && (n < 1 || now_s() - begin < most)) {
        from = now_s();
        nn->ops->gemm(nn, N, N, N, x, false, x, false, 0, y);
        nn->ops->download(nn, &last, y, sizeof last); /* waits */
        seconds[n++] = now_s() - from;
    }
    if (own)
        nn->ops->mem_free(nn, own, bytes);
    qsort(seconds, n, sizeof *seconds, by_size);
    return nn->failed ? 0 : 2e-9 * N * N * N / seconds[n / 2];
}
