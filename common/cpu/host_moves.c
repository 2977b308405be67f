/*
 * host_moves.c: ops that move numbers as they are, so that the reference and NN_CPU have one
 * body: no sum, no rounding, but where heads that were repeated are added up again.
 */
#include "cpu/blocks.h"

void host_copy(struct nn *nn, void *to, const void *from, size_t bytes)
{
    enum { PIECE = BLOCK * sizeof(float) };
    const char *x = from;
    char *y = to;

    if (nn->failed)
        return;
#pragma omp parallel for num_threads(nn->threads) if (bytes > HOST_SERIAL * sizeof(float))
    for (size_t i = 0; i < bytes; i += PIECE)
        memcpy(y + i, x + i, smaller(PIECE, bytes - i));
}

void host_fill(struct nn *nn, float *y, float value, size_t n)
{
    if (nn->failed)
        return;
#pragma omp parallel for simd num_threads(nn->threads) if (n > HOST_SERIAL)
    for (size_t i = 0; i < n; i++)
        y[i] = value;
}

void host_copy_rows(struct nn *nn, float *y, size_t ldy, const float *x, size_t ldx,
                    size_t rows, size_t n)
{
    if (nn->failed)
        return;
#pragma omp parallel for num_threads(nn->threads) if (rows * n > HOST_SERIAL)
    for (size_t i = 0; i < rows; i++)
        memcpy(y + i * ldy, x + i * ldx, n * sizeof *y);
}

void host_gather_rows(struct nn *nn, float *y, const float *x, const int32_t *index, size_t m,
                      size_t n)
{
    if (nn->failed)
        return;
#pragma omp parallel for num_threads(nn->threads) if (m * n > HOST_SERIAL)
    for (size_t i = 0; i < m; i++)
        memcpy(y + i * n, x + (size_t)index[i] * n, n * sizeof *y);
}

void host_put_rows(struct nn *nn, float *y, const float *x, const int32_t *index, size_t m,
                   size_t n)
{
    if (nn->failed)
        return;
#pragma omp parallel for num_threads(nn->threads) if (m * n > HOST_SERIAL)
    for (size_t i = 0; i < m; i++)
        memcpy(y + (size_t)index[i] * n, x + i * n, n * sizeof *y);
}

void host_split_heads(struct nn *nn, float *y, const float *x, size_t ldx, size_t B, size_t T,
                      size_t H, size_t D, size_t repeat)
{
    if (nn->failed)
        return;
#pragma omp parallel for num_threads(nn->threads) if (B * T * H * D > HOST_SERIAL)
    for (size_t i = 0; i < B * T; i++)
        for (size_t h = 0; h < H; h++)
            memcpy(y + ((i / T * H + h) * T + i % T) * D, x + i * ldx + h / repeat * D,
                   D * sizeof *y);
}

void host_merge_heads(struct nn *nn, float *y, size_t ldy, const float *x, size_t B, size_t T,
                      size_t H, size_t D, size_t repeat)
{
    if (nn->failed)
        return;
#pragma omp parallel for num_threads(nn->threads) if (B * T * H * D > HOST_SERIAL)
    for (size_t i = 0; i < B * T; i++)
        for (size_t h = 0; h < H; h++) {
            const float *from = x + ((i / T * H + h) * T + i % T) * D;
            float *to = y + i * ldy + h / repeat * D;

            if (h % repeat == 0)
                memcpy(to, from, D * sizeof *y);
            else
                for (size_t d = 0; d < D; d++)
                    to[d] += from[d];
        }
}
