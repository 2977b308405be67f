in=$ROOT/tests/golden/shard/good/0003-tokens.rfs
shard-wiki --train t.rfs "$in"; echo $?
shard-wiki --eval e.rfs "$in"; echo $?
shard-wiki --train t.rfs --eval e.rfs -o o.rfs "$in"; echo $?
shard-wiki --max-len 2 "$in"; echo $?
shard-wiki --eval-share 110% "$in"; echo $?
shard-wiki --shards 2 "$in"; echo $?
shard-wiki --shards 257 -o o.rfs "$in"; echo $?
shard-wiki --shuffle --memory 1K "$in"; echo $?
shard-wiki --sort "$in"; echo $?
ls
#out
# 2
# 2
# 2
# 2
# 2
# 2
# 2
# 2
# 2
#err
# shard-wiki: --train and --eval go together
# shard-wiki: --train and --eval go together
# shard-wiki: --output takes all sequences: not with --train
# shard-wiki: bad value '2' for 'max-len': must be 3 to 67108864
# Try 'shard-wiki --help'.
# shard-wiki: bad value '110%' for 'eval-share': must be 0 to 1
# Try 'shard-wiki --help'.
# shard-wiki: --shards needs --output, or --train and --eval
# shard-wiki: bad value '257' for 'shards': must be 1 to 256
# Try 'shard-wiki --help'.
# shard-wiki: bad value '1K' for 'memory': must be 1048576 to 1.12589990684262e+15
# Try 'shard-wiki --help'.
# shard-wiki: unknown option '--sort'
# Try 'shard-wiki --help'.
