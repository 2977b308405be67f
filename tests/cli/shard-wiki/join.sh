# documents follow one another, each with [CLS] before it; only the last sequence has room left
printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]' a b c d >vocab.txt
printf 'a b\nc\n\nd\n\na b c d a b\n\n' | wp-encode -V vocab.txt -o tokens.rfs
shard-wiki -v --join --max-len 7 -o all.rfs tokens.rfs 2>&1 | sed 's/ full, .*/ full/'
shard-cat all.rfs
shard-wiki --join --max-len 7 --eval-share 40% --seed 3 --train train.rfs --eval eval.rfs tokens.rfs
shard-cat train.rfs
echo -
shard-cat eval.rfs
# however long the sequences, the tokens are the same
shard-wiki -q --join --max-len 3 tokens.rfs | shard-cat | paste -sd ' ' | cmp - <(shard-cat all.rfs | paste -sd ' ')
#out
# shard-wiki: 3 documents, 4 lines (0 cut, 0 empty), 3 sequences, 17 tokens, 81.0 % full
# 2 5 6 3 7 3 2
# 8 3 2 5 6 7 8
# 5 6 3
# 2 5 6 3 7 3
# -
# 2 8 3 2 5 6 7
# 8 5 6 3
