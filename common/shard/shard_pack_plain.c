#define LOOPS      pack_plain
#define LOOPS_NAME "plain"
#include "shard/shard_pack_body.h"
