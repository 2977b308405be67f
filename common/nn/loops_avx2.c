#define LOOPS loops_avx2
#include "nn/loops_body.h"
