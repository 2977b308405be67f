#define LOOPS loops_plain
#include "kernels/loops_body.h"
