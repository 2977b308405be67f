/* As attn_bf16.c, but whole steps of rows and numbers are multiplied by AMX. */
#if defined(__AMX_BF16__) || defined(__AMXBF16__) /* gcc's name, clang 14's */
#include "kernels/amx.h"

#define ATTN attn_amx
#define BF16
#define AMX
#define VL 16
#define MR 8
#include "kernels/attn_body.h"
#endif
