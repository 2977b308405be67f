/* 16 registers of eight floats: 6 x 2 sums, 2 of B, 1 of A */
#define ATTN attn_avx2
#define VL   8
#define MR   6
#include "kernels/attn_body.h"
