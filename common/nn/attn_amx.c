/* As attn_bf16.c, but whole steps of rows and numbers are multiplied by AMX. */
#ifdef __AMX_BF16__
#include "nn/amx.h"

#define ATTN attn_amx
#define BF16
#define AMX
#define VL 16
#define MR 8
#include "nn/attn_body.h"
#endif
