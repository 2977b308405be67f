# The conformance files of rf-shard(5): what each good one holds, and why each bad one is refused.
cd "$ROOT/tests/golden/shard" || exit
for f in good/*.rfs; do
    shard-cat "$f" | cmp - "${f%.rfs}.txt" && shard-cat --check "$f" >/dev/null && echo "$f"
done
for f in bad/*.rfs; do
    shard-cat --check "$f" >"$OLDPWD/out" 2>"$OLDPWD/err"
    [ $? = 1 ] && [ ! -s "$OLDPWD/out" ] && diff "${f%.rfs}.err" "$OLDPWD/err" && echo "$f"
done
