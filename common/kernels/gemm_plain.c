/* 16 registers of four floats, as every x86-64 and arm64 has */
#define GEMM  gemm_plain
#define VL    4
#define MR    4
#define DEPTH 256
#include "kernels/gemm_body.h"
