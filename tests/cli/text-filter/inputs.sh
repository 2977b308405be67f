# compressed in any way, several files and standard input: the same text
half=$(($(wc -l <"$CORPUS") / 2))
head -n $half "$CORPUS" >a
tail -n +$((half + 1)) "$CORPUS" >b
text-filter "$CORPUS" >one
gzip -k a && bzip2 -k a && xz -k a && zstd -qk a
for kind in gz bz2 xz zst; do text-filter a.$kind b | cmp - one && echo $kind; done
text-filter - b <a.xz | cmp - one && echo standard input
text-filter --not-in a.bz2 --overlap document a b | cmp - <(text-filter --not-in a --overlap document "$CORPUS") && echo not in
#out
# gz
# bz2
# xz
# zst
# standard input
# not in
