#include "nn/nn.h"

#include <stdlib.h>
#include <string.h>

#include "base/progress.h"
#include "cpu/host.h"
#include "device/count.h"
#include "device/device_plugin.h"
#include "nn/card.h"

int nn_open_with(struct nn **nn, const struct nn_options *o, struct errbuf *eb)
{
    bool built_in = !o->device || strcmp(o->device, "cpu") == 0;

    return built_in ? host_open(nn, o, eb) : device_plugin_open(nn, o, eb);
}

int nn_open(struct nn **nn, enum nn_kind kind, int threads, struct errbuf *eb)
{
    return nn_open_with(nn, &(struct nn_options){.kind = kind, .threads = threads}, eb);
}

int nn_open_plan(struct nn **nn, size_t memory, enum nn_dtype dtype, struct errbuf *eb)
{
    const struct nn_about about = card_about(card_memory(memory), dtype);
    char size[32];

    if (!about.memory_bytes)
        return err_set(eb, RF_EINVAL, "a device of %s has no room for a run",
                       human(size, sizeof size, (double)memory, "B"));
    return count_open(nn, &about, eb);
}

void nn_close(struct nn *nn)
{
    if (nn)
        nn->ops->close(nn);
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
    enum { RUNS = 64 };
    static const double most = 0.3; /* seconds after which no other run begins */
    size_t N = nn->about.peak_n, one = N * N, bytes = 2 * one * sizeof(float), n = 0;
    float *own = NULL, *x = room, *y;
    double begin, from, seconds[RUNS], operations = 2 * (double)one * (double)N;

    if (!N)
        return 0;
    if (floats < 2 * one && !(x = own = nn->ops->mem_new(nn, bytes)))
        return 0;
    y = x + one;
    nn->ops->fill_normal(nn, x, 1, (struct rng){0}, one);
    begin = now_s();
    while (n < RUNS && (n < 1 || now_s() - begin < most)) {
        from = now_s();
        nn->ops->gemm(nn, N, N, N, x, false, x, false, 0, y);
        nn->ops->wait(nn);
        seconds[n++] = now_s() - from;
    }
    if (own)
        nn->ops->mem_free(nn, own, bytes);
    qsort(seconds, n, sizeof *seconds, by_size);
    return nn->failed ? 0 : 1e-9 * operations / seconds[n / 2];
}
