# small shards that would fill the memory or the disk are refused in a line, before they do
for name in record count empty rows frames; do
    python3 "$ROOT/tests/cli/shard-cat/bomb.py" $name >$name.rfs
done
shard-cat --check record.rfs
shard-cat -f raw count.rfs | wc -c
shard-cat -f raw empty.rfs | wc -c
mask-tokens -q -o masked.rfs record.rfs
shard-wiki -q -o packed.rfs empty.rfs
shard-cat -f npy -o rows.npy rows.rfs
shard-cat -f raw rows.rfs | wc -c
shard-mix -q -o mixed.rfs rows.rfs
shard-mix -q -o mixed.rfs frames.rfs
rf-train -q -V '' -o run frames.rfs
shard-cat --check frames.rfs
ls
#out
# 0
# 0
# 20
# ok: records 7190232, tokens 7190232, labels 0, frames 12, parts 1
# count.rfs
# empty.rfs
# frames.rfs
# record.rfs
# rows.rfs
#err
# shard-cat: data expand over 1000 times in 'record.rfs', frame 1
# shard-cat: data expand over 1000 times in 'count.rfs', frame 1
# shard-cat: data expand over 1000 times in 'empty.rfs', frame 1
# mask-tokens: data expand over 1000 times in 'record.rfs', frame 1
# shard-wiki: data expand over 1000 times in 'empty.rfs', frame 1
# shard-cat: rows of npy have 67108864 ids: over 1000 times as many as there are
# shard-mix: 'rows.rfs' says its sequences have up to 67108864 tokens, the longest has 1
# shard-mix: data expand over 1000 times in 'frames.rfs'
# rf-train: data expand over 1000 times in 'frames.rfs'
