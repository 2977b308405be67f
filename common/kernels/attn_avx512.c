/* 32 registers of sixteen floats: 8 x 2 sums, 2 of B, A from memory */
#define ATTN attn_avx512
#define VL   16
#define MR   8
#include "kernels/attn_body.h"
