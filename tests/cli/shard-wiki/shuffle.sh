# Another order of the same sequences, by the seed alone: in memory, through the disk, over pipes.
wp-train -q --size 500 "$CORPUS" >vocab.txt
for i in 1 2 3 4 5 6 7 8; do cat "$CORPUS"; echo; done | wp-encode -q -o tokens.rfs
shard-wiki -l 16 tokens.rfs | shard-cat -f jsonl >plain
shard-wiki -l 16 --shuffle -o mixed.rfs tokens.rfs
shard-cat -f jsonl mixed.rfs | sort | cmp - <(sort plain) && echo nothing lost
shard-cat -f jsonl mixed.rfs | cmp -s - plain || echo another order
shard-wiki -l 16 --shuffle --memory 1M tokens.rfs | cmp - mixed.rfs && echo through the disk
TMPDIR=missing shard-wiki -l 16 --shuffle --memory 1M tokens.rfs >out; echo $?
cat tokens.rfs | shard-wiki -l 16 --shuffle | cmp - mixed.rfs && echo through a pipe
shard-wiki -l 16 --shuffle --seed 2 tokens.rfs | cmp -s - mixed.rfs || echo other seed, other bytes
shard-wiki -l 16 --shuffle -o /dev/full tokens.rfs; echo $?
shard-wiki -l 16 --shuffle --train t.rfs --eval /dev/full tokens.rfs; echo $?
shard-wiki -l 16 --shuffle tokens.rfs | head -c 1 >out; echo "${PIPESTATUS[0]}"
head -c -1 tokens.rfs | shard-wiki -l 16 --shuffle -o cut.rfs 2>said; echo $?
sed 's/byte [0-9]*/byte N/' said >&2
rm said
ls
#out
# nothing lost
# another order
# through the disk
# 1
# through a pipe
# other seed, other bytes
# 1
# 1
# 141
# 1
# mixed.rfs
# out
# plain
# tokens.rfs
# vocab.txt
#err
# shard-wiki: cannot create a temporary file in 'missing': No such file or directory
# shard-wiki: cannot write '/dev/full': No space left on device
# shard-wiki: cannot write '/dev/full': No space left on device
# shard-wiki: 'standard input' is cut off at byte N: its end frame is missing
