# A range of records, by the index of files or by reading a pipe, over parts and files.
cd "$ROOT/tests/golden/shard/good" || exit
for _ in 1 2 3; do cat 0014-frames.rfs 0015-parts.rfs; done >"$OLDPWD/six.rfs"
cd "$OLDPWD" || exit
shard-cat six.rfs six.rfs >all
for from in 0 1 5 6 7 13 14 41 42 43 83 84 85 200; do
    tail -n +$((from + 1)) all >want
    shard-cat --from $from six.rfs six.rfs | cmp - want || echo "files from $from"
    cat six.rfs six.rfs | shard-cat --from $from | cmp - want || echo "pipe from $from"
    shard-cat --from $from --head 5 six.rfs six.rfs | cmp - <(head -n 5 want) || echo "head from $from"
    shard-cat --from $from --to $((from + 9)) six.rfs - <six.rfs | cmp - <(head -n 9 want) || echo "to from $from"
done
shard-cat --count six.rfs six.rfs
head -c -1 six.rfs >cut.rfs
shard-cat --from 70 cut.rfs; echo $?
shard-cat --count cut.rfs; echo $?
shard-cat --info cut.rfs; echo $?
#out
# 84
# 1
# 1
# 1
#err
# shard-cat: 'cut.rfs' is cut off at byte 3122: its end frame is missing
# shard-cat: 'cut.rfs' is cut off at byte 3122: its end frame is missing
# shard-cat: 'cut.rfs' is cut off at byte 3122: its end frame is missing
