#define LOOPS loops_avx2
#include "kernels/loops_body.h"
