#define LOOPS      pack_avx512
#define LOOPS_NAME "avx512"
#include "shard/shard_pack_body.h"
