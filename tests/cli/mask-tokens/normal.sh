cd "$ROOT/tests/golden/shard/good" || exit
shard-wiki -l 24 0019-forty-documents.rfs >"$OLDPWD/seq.rfs"
cd "$OLDPWD" || exit
mask-tokens -v seq.rfs 2>summary >masked.rfs
sed 's/, [0-9.]* s, .*//' summary
shard-cat -n 12 masked.rfs
shard-cat --info masked.rfs
mask-tokens <seq.rfs | cmp - masked.rfs && echo same seed, same bytes
mask-tokens -s 2 seq.rfs | cmp -s - masked.rfs || echo other seed, other bytes
mask-tokens --epoch 1 --no-provenance seq.rfs | shard-cat >one
shard-cat masked.rfs | cmp -s - one || echo other epoch, other positions
