/* 16 registers of four floats, as every x86-64 and arm64 has */
#define ATTN attn_plain
#define VL   4
#define MR   6
#include "kernels/attn_body.h"
