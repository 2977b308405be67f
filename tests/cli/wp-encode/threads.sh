cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

# the same bytes on any number of threads and for any size of reads
for _ in 1 2 3 4; do cat "$CORPUS"; done >text
wp-encode -j 1 text >one
for j in 2 3 7; do wp-encode -j $j text | cmp - one && echo same; done
dd if=text bs=997 status=none | wp-encode | cmp - one && echo same
wp-encode -f ids -j 1 text >one
wp-encode -f ids -j 3 text | cmp - one && echo same
#out
# same
# same
# same
# same
# same
