cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

# around each sentence, not around blank lines
printf '가 나\n\n다\n' | wp-encode -f pieces --cls-sep
printf '가 나\n\n다\n' | wp-encode -f ids --cls-sep
printf '가 나\n\n다\n' | wp-encode -f ids
printf '가\n' | wp-encode --cls-sep 2>&1 | head -n 1
grep -v SEP vocab.txt >few
echo 가 | wp-encode -V few -f ids --cls-sep
#out
# [CLS] 가 나 [SEP]
#
# [CLS] 다 [SEP]
# 2 229 357 3
#
# 2 425 3
# 229 357
#
# 425
# wp-encode: a shard takes no --cls-sep: shard-wiki adds [CLS] and [SEP]
#err
# wp-encode: the vocabulary has no [SEP]
#exit 1
