# Several shards to one of a single part, and a cut out of one.
cd "$ROOT/tests/golden/shard/good" || exit
shard-cat -f shard 0014-frames.rfs 0015-parts.rfs >"$OLDPWD/one.rfs"
shard-cat 0014-frames.rfs 0015-parts.rfs | cmp - <(shard-cat "$OLDPWD/one.rfs") && shard-cat --info "$OLDPWD/one.rfs"
shard-cat -f shard --from 2 --to 4 -o "$OLDPWD/cut.rfs" 0014-frames.rfs && shard-cat --check "$OLDPWD/cut.rfs"
shard-cat --info "$OLDPWD/cut.rfs" | tail -n 1
shard-cat -f shard --no-provenance 0005-masked.rfs | shard-cat --info | tail -n 2
shard-cat -f shard -o /dev/full 0005-masked.rfs; echo $?
shard-cat -f npy -o /dev/full 0005-masked.rfs; echo $?
shard-cat -f jsonl 0005-masked.rfs >/dev/full; echo $?
head -c -1 0014-frames.rfs | shard-cat -f shard -o "$OLDPWD/left.rfs"; echo $?
ls "$OLDPWD"
#out
# kind: sequences
# coding: packed
# max-len: 8
# id-bytes: 2
# vocab-size: 300
# vocab-digest: 000102030405060708090a0b0c0d0e0f
# special: [PAD] 0 [UNK] 1 [CLS] 2 [SEP] 3 [MASK] 4
# parts: 1
# frames: 1
# records: 14
# tokens: 91
# labels: 0
# provenance: shard-cat 0.1.0 head=0 from=0 to=0
# ok: records 2, tokens 14, labels 0, frames 1, parts 1
# provenance: shard-cat 0.1.0 head=0 from=2 to=4
# tokens: 8
# labels: 2
# 1
# 1
# 1
# 1
# cut.rfs
# one.rfs
#err
# shard-cat: cannot write '/dev/full': No space left on device
# shard-cat: cannot write '/dev/full': No space left on device
# shard-cat: cannot write 'standard output': No space left on device
# shard-cat: 'standard input' is cut off at byte 474: its end frame is missing
