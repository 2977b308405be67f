# With a vocabulary, tokens are printed; it must be the one that the ids were made with.
printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]' 나 는 '##는' 글 . >vocab.txt
printf '나는 글.\n나\n\n글는\n' >text
wp-encode -q -o tokens.rfs text
shard-cat -V vocab.txt tokens.rfs
echo more >>vocab.txt
shard-cat -V vocab.txt tokens.rfs
#out
# 나 ##는 글 .
# 나
#
# 글 ##는
#
#err
# shard-cat: 'vocab.txt' is not the vocabulary of this shard
#exit 1
