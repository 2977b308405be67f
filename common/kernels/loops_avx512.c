#define LOOPS loops_avx512
#include "kernels/loops_body.h"
