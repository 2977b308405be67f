/*
 * bench_read.c: how fast a block of memory can be read from one end to the other. `bench_read
 * [MB [THREADS]]` prints GB/s: each thread sums its part of the block, and the best of nine
 * runs counts. What reads all of its weights for each token cannot be faster than that.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/par.h"

enum { RUNS = 9, LANES = 8, LINE = LANES * sizeof(uint64_t) };

typedef uint64_t line_t __attribute__((vector_size(LINE)));

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Four sums, so that no addition waits for the one before. */
__attribute__((target_clones("avx512f", "avx2", "default"))) static uint64_t sum_lines(
    const line_t *p, size_t n)
{
    line_t s[4] = {{0}};
    uint64_t sum = 0;

    for (size_t i = 0; i + 4 <= n; i += 4)
        for (size_t k = 0; k < 4; k++)
            s[k] += p[i + k];
    for (size_t k = 0; k < LANES; k++)
        sum += s[0][k] + s[1][k] + s[2][k] + s[3][k];
    return sum;
}

int main(int argc, char **argv)
{
    size_t mb = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000;
    int threads = par_threads(argc > 2 ? strtoull(argv[2], NULL, 10) : 0);
    size_t part = mb * 1000000 / (4 * LINE * (size_t)threads) * 4; /* lines of a thread */
    size_t size = part * LINE * (size_t)threads;
    line_t *block = size ? aligned_alloc(LINE, size) : NULL;
    uint64_t sum = 0;
    double best = 1e30;

    if (!block) {
        fprintf(stderr, "bench_read: no block of %zu MB\n", mb);
        return 1;
    }
    memset(block, 1, size);
    for (int run = 0; run < RUNS; run++) {
        double start = now(), seconds;

#pragma omp parallel for schedule(static) num_threads(threads) reduction(+ : sum)
        for (int i = 0; i < threads; i++)
            sum += sum_lines(block + part * (size_t)i, part);
        seconds = now() - start;
        best = seconds < best ? seconds : best;
    }
    free(block);
    if (sum != RUNS * (size / sizeof sum) * (UINT64_MAX / 255)) {
        fprintf(stderr, "bench_read: wrong sum\n");
        return 1;
    }
    printf("%.2f\n", 1e-9 * (double)size / best);
    return 0;
}
