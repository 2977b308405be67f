#include "base/par.h"

#include <omp.h>

int par_threads(unsigned long long asked)
{
    int cores = omp_get_num_procs();

    return asked && asked < 1024 ? (int)asked : cores;
}

void par_for(int threads, size_t n, void (*fn)(void *ctx, size_t i), void *ctx)
{
#pragma omp parallel for schedule(dynamic) num_threads(threads)
    for (size_t i = 0; i < n; i++)
        fn(ctx, i);
}
