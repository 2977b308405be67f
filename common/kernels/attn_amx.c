/* As attn_bf16.c, but whole steps of rows and numbers are multiplied by AMX. */
#ifdef __AMX_BF16__
#include "kernels/amx.h"

#define ATTN attn_amx
#define BF16
#define AMX
#define VL 16
#define MR 8
#include "kernels/attn_body.h"
#endif
