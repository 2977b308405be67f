#define LOOPS      pack_avx2
#define LOOPS_NAME "avx2"
#include "shard/shard_pack_body.h"
