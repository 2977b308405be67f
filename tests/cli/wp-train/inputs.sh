# compressed in any way, several files and standard input, JSON lines: the same words
half=$(($(wc -l <"$CORPUS") / 2))
head -n $half "$CORPUS" >a
tail -n +$((half + 1)) "$CORPUS" >b
wp-train -q --size 2500 "$CORPUS" >one
gzip -k a && bzip2 -k a && xz -k a && zstd -qk a
for kind in gz bz2 xz zst; do wp-train -q --size 2500 b a.$kind | cmp - one && echo $kind; done
wp-train -q --size 2500 b - <a.xz | cmp - one && echo standard input
cat a.gz a.gz | wp-train -q --counts-out two - && wp-train -q --counts-out one a a && cmp one two && echo members
for f in a b; do sed 's/["\\]/\\&/g; s/.*/{"n": 1, "text": "&"}/' $f; done >lines
wp-train -q --size 2500 "$CORPUS" >one
wp-train -q --size 2500 --jsonl text lines | cmp - one && echo JSON lines
#out
# gz
# bz2
# xz
# zst
# standard input
# members
# JSON lines
