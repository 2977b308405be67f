/* cpu_gemm.c: matrix products of NN_CPU, by oneDNN on a grid of tiles. */
#include <dnnl.h>
#include <omp.h>

#include "nn/host.h"

/*
 * oneDNN may cut a long sum in as many parts as it has threads. So it gets one thread, and we
 * cut c into tiles; the grid depends on the shape alone, and so do the bits.
 */
enum {
    TILE_MAX = 512, /* wide enough that oneDNN's packing of a and b costs little */
    TILE_MIN = 64,
    TILES = 16,       /* wanted for many threads, where tiles above TILE_MIN allow it */
    SERIAL = 1 << 16, /* multiply-adds below which a second thread costs more than it gives */
};

struct cut {
    size_t step, count;
};

static struct cut cut(size_t n, size_t step)
{
    struct cut c = {step, (n + step - 1) / step};

    return c;
}

static void grid(struct cut *rows, struct cut *cols, size_t m, size_t n)
{
    *rows = cut(m, TILE_MAX);
    *cols = cut(n, TILE_MAX);
    while (rows->count * cols->count < TILES) {
        bool by_rows = (m < rows->step ? m : rows->step) >= (n < cols->step ? n : cols->step);
        struct cut *larger = by_rows ? rows : cols;

        if (larger->step == TILE_MIN)
            break;
        *larger = cut(by_rows ? m : n, larger->step / 2);
    }
}

void cpu_gemm(struct nn *nn, size_t m, size_t n, size_t k, const float *a, bool ta,
              const float *b, bool tb, float beta, float *c)
{
    struct cut rows, cols;
    int bad = 0;

    if (nn->failed)
        return;
    grid(&rows, &cols, m, n);
#pragma omp parallel num_threads(nn->threads) if (m * n * k > SERIAL) reduction(| : bad)
    {
        omp_set_num_threads(1); /* oneDNN's, inside this region */
#pragma omp for schedule(dynamic)
        for (size_t tile = 0; tile < rows.count * cols.count; tile++) {
            size_t i = tile / cols.count * rows.step, j = tile % cols.count * cols.step;
            size_t mt = m - i < rows.step ? m - i : rows.step;
            size_t nt = n - j < cols.step ? n - j : cols.step;

            bad |= dnnl_sgemm(ta ? 'T' : 'N', tb ? 'T' : 'N', (dnnl_dim_t)mt, (dnnl_dim_t)nt,
                              (dnnl_dim_t)k, 1, a + (ta ? i : i * k), (dnnl_dim_t)(ta ? m : k),
                              b + (tb ? j * k : j), (dnnl_dim_t)(tb ? k : n), beta,
                              c + i * n + j, (dnnl_dim_t)n) != dnnl_success;
        }
    }
    if (bad)
        host_fail(nn, RF_EINVAL, "oneDNN refused a product of %zu x %zu x %zu", m, n, k);
}
