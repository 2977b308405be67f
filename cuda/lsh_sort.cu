/* lsh_sort.cu: positions in the order of their buckets, a block for each row. */
#include "lsh_sort.h"

static __global__ void __launch_bounds__(SORT_THREADS, 1)
    k_lsh_sort(int32_t *order, int32_t *spare, const int32_t *bucket, int T, int passes)
{
    struct sort_counts *c = reinterpret_cast<struct sort_counts *>(rf_shared);
    size_t row = (size_t)blockIdx.x * (size_t)T;

    sort_row(c, order + row, spare ? spare + row : NULL, bucket + row, T, passes);
}

void cuda_lsh_sort(struct nn *nn, int32_t *order, const int32_t *bucket, size_t rows, size_t T,
                   size_t N)
{
    int passes = sort_passes(N);
    int32_t *spare = NULL;

    if (passes > 1 && !(spare = (int32_t *)cuda_scratch(nn, rows * T * sizeof *spare)))
        return;
    CUDA_LAUNCH(nn, k_lsh_sort, dim3((unsigned)rows), SORT_THREADS, sizeof(struct sort_counts),
                order, spare, bucket, (int)T, passes);
}
