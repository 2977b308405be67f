# From one coding to the other and back: the records stay, and so do the bytes.
cd "$ROOT/tests/golden/shard/good" || exit
for f in 0016-parts-without-records.rfs 0019-forty-documents.rfs 0026-packed-masked-thirty.rfs; do
    for coding in plain packed; do
        shard-cat -f shard --no-provenance --coding $coding "$f" >"$OLDPWD/$coding.rfs"
        shard-cat "$OLDPWD/$coding.rfs" | cmp - <(shard-cat "$f") && shard-cat --info "$OLDPWD/$coding.rfs" | sed -n 2p
    done
    shard-cat -f shard --no-provenance "$OLDPWD/plain.rfs" | cmp - "$OLDPWD/packed.rfs" && echo same
done
shard-cat -f shard 0008-32-bit-ids.rfs | shard-cat --info | sed -n 2p
shard-cat -f shard --coding zip 0008-32-bit-ids.rfs
#out
# coding: plain
# coding: packed
# same
# coding: plain
# coding: packed
# same
# coding: plain
# coding: packed
# same
# coding: plain
#err
# shard-cat: bad value 'zip' for 'coding': must be plain, packed
# Try 'shard-cat --help'.
#exit 2
