# no shard is empty: fewer sequences than shards are refused, for training and for evaluation alike
printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]' a b >vocab.txt
for i in 1 2 3 4; do printf 'a b a\n\n'; done | wp-encode -q -o tokens.rfs
shard-wiki -q --max-len 8 --shards 5 -o all.rfs tokens.rfs
shard-wiki -q --max-len 8 --shards 2 --train train.rfs --eval eval.rfs --eval-share 0 tokens.rfs
wp-encode -q /dev/null | shard-wiki -q --shards 2 -o all.rfs
ls
shard-wiki -q --max-len 8 --shards 4 -o all.rfs tokens.rfs && for shard in all-*; do shard-cat --count $shard; done
#out
# tokens.rfs
# vocab.txt
# 1
# 1
# 1
# 1
#err
# shard-wiki: only 4 sequences for the 5 shards of 'all.rfs'
# shard-wiki: only 0 sequences for the 2 shards of 'eval.rfs'
# shard-wiki: only 0 sequences for the 2 shards of 'all.rfs'
