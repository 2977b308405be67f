# more files of counts than may be open at once, within the memory: the sums, and the same vocabulary
seq -f %.0f 100000 400000 | sed 's/./&가/3' | cat - "$CORPUS" >text
split -n l/90 text part.
for part in part.*; do
    wp-train -q --counts-out $part.counts $part
    sed '1d;$d' $part.counts >$part.plain
done
wp-train --counts-out all.counts text
wp-train -q --size 3000 text >vocab.txt
# the whole run, as the system sees it; sanitizers need more
ldd "$BIN/wp-train" | grep -q san || ulimit -v 100000
wp-train --counts --memory 46M --counts-out - part.*.counts | cmp - all.counts && echo same
wp-train --counts --memory 46M --counts-out - part.*.plain part.*.counts part.a?.counts | wc -l
wp-train -q --counts --memory 41M --size 3000 -o - part.*.counts | cmp - vocab.txt && echo same
wp-train -q --counts --memory 41M --size 3000 -o - part.*.plain | cmp - vocab.txt && echo same
wp-train -q --counts --memory 41M --size 3000 -o - all.counts | cmp - vocab.txt && echo same
#out
# same
# 311294
# same
# same
# same
