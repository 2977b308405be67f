cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

# sequences keep their [CLS] and [SEP] if asked for; documents are parted
printf '%s\n' '나라 말' 말 '' 나라 | wp-encode >tokens.rfs
shard-wiki -q --max-len 8 --eval-share 0 --train train.rfs --eval eval.rfs tokens.rfs
wp-decode --keep-special train.rfs
wp-decode train.rfs
mask-tokens -q --rate 1 --mask-part 1 --random-part 0 train.rfs | wp-decode --keep-special
#out
# [CLS] 나라 말 [SEP] 말 [SEP]
#
# [CLS] 나라 [SEP]
#
# 나라 말 말
#
# 나라
#
# [CLS] [MASK] [MASK] [SEP] [MASK] [SEP]
#
# [CLS] [MASK] [SEP]
#
