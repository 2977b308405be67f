#define LOOPS loops_plain
#include "nn/loops_body.h"
