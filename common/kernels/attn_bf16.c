/* As attn_avx512.c, but products are of numbers rounded to bfloat16, two at once. */
#ifdef __AVX512BF16__
#include <immintrin.h>

#define ATTN attn_bf16
#define BF16
#define VL 16
#define MR 8
#include "kernels/attn_body.h"
#endif
