cd "$ROOT/tests/golden/shard/good" || exit
shard-cat --count 0015-parts.rfs
shard-cat --check 0015-parts.rfs
shard-cat --info 0013-chain.rfs
shard-cat --info 0005-masked.rfs
