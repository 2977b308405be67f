#define LOOPS loops_avx512
#include "nn/loops_body.h"
