/* gemm_amx.c: products of numbers rounded to bfloat16, by AMX. Denormals count as 0. */
#include "kernels/kernels.h"

#if defined(__AMX_BF16__) || defined(__AMXBF16__) /* gcc's name, clang 14's */
#define GEMM  gemm_amx
#define PARTS 1
#define DEPTH 768

#include "kernels/gemm_amx_body.h"
#endif
