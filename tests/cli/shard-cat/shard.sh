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
