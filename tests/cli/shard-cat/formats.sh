# JSON lines, NumPy arrays and raw ids of each kind
cd "$ROOT/tests/golden/shard/good" || exit
for f in 0003-tokens.rfs 0004-tokens-empty-lines.rfs 0005-masked.rfs 0002-sequences.rfs; do
    shard-cat -f jsonl $f
    shard-cat -f raw $f | od -An -v -t u2 -w8
done
shard-cat -f raw 0008-32-bit-ids.rfs | od -An -v -t u4
for f in 0002-sequences.rfs 0005-masked.rfs 0008-32-bit-ids.rfs; do
    shard-cat -f npy $f >"$OLDPWD/npy"
    cd "$OLDPWD" || exit
    head -c 127 npy | tail -c +11 | tr -s ' '
    echo
    tail -c +129 npy | od -An -v -t d4 -w32
    cd "$OLDPWD" || exit
    cat $f | shard-cat -f npy -o "$OLDPWD/late.npy" && cmp "$OLDPWD/npy" "$OLDPWD/late.npy"
    cat $f | shard-cat -f npy >"$OLDPWD/late.npy" && cmp "$OLDPWD/npy" "$OLDPWD/late.npy"
    shard-cat -f npy --from 1 $f >"$OLDPWD/npy"
    cat $f | shard-cat -f npy --from 1 -o "$OLDPWD/late.npy" && cmp "$OLDPWD/npy" "$OLDPWD/late.npy"
done
cat 0002-sequences.rfs | shard-cat -f npy | cat; echo "${PIPESTATUS[1]}"
cat 0002-sequences.rfs | shard-cat -f npy >>"$OLDPWD/late.npy"; echo $?
shard-cat -f npy 0003-tokens.rfs; echo $?
shard-cat -f npy 0011-no-special-tokens.rfs; echo $?
