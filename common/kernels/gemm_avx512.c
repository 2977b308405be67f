/* 32 registers of sixteen floats: 14 x 2 sums, 2 of b, 1 of a */
#define GEMM  gemm_avx512
#define VL    16
#define MR    14
#define DEPTH 512
#include "kernels/gemm_body.h"
