/* 16 registers of eight floats: 6 x 2 sums, 2 of b, 1 of a */
#define GEMM  gemm_avx2
#define VL    8
#define MR    6
#define DEPTH 256
#include "kernels/gemm_body.h"
