f=$ROOT/tests/golden/shard/good/0002-sequences.rfs
shard-cat --info --check "$f"; echo $?
shard-cat --check --head 3 "$f"; echo $?
shard-cat --count -V vocab.txt "$f"; echo $?
shard-cat --head x "$f"; echo $?
shard-cat --head 1 --to 2 "$f"; echo $?
shard-cat --from 3 --to 2 "$f"; echo $?
shard-cat --format raw -V vocab.txt "$f"; echo $?
shard-cat --format csv "$f"; echo $?
shard-cat --nonsense "$f"; echo $?
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
# shard-cat: only one of --info, --check and --count
# shard-cat: --head, --from, --to, --format and --vocab are for printing records
# shard-cat: --head, --from, --to, --format and --vocab are for printing records
# shard-cat: bad value 'x' for 'head': not a number with a unit it knows
# Try 'shard-cat --help'.
# shard-cat: only one of --head and --to
# shard-cat: --to is before --from
# shard-cat: --vocab is for text and jsonl
# shard-cat: bad value 'csv' for 'format': must be text, jsonl, npy, raw, shard
# Try 'shard-cat --help'.
# shard-cat: unknown option '--nonsense'
# Try 'shard-cat --help'.
