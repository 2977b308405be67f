# Pieces go with their word; the vocabulary must be the one of the ids.
printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]' 나 는 '##는' '##을' 글 . >vocab.txt
printf '나는 글을 글.\n글는는 나 는\n' | wp-encode -q | shard-wiki -o seq.rfs
mask-tokens --whole-word --rate 40% --mask-part 1 --random-part 0 seq.rfs | shard-cat -V vocab.txt
mask-tokens --whole-word --rate 40% --mask-part 1 --random-part 0 seq.rfs | shard-cat --info | tail -n 1
echo '##more' >>vocab.txt
mask-tokens --whole-word -o m.rfs seq.rfs; echo $?
mask-tokens --whole-word -V missing.txt -o m.rfs seq.rfs; echo $?
ls
#out
# [CLS] 나 ##는 [MASK] [MASK] [MASK] [MASK] [SEP] 글 ##는 ##는 나 는 [SEP]	3:글 4:##을 5:글 6:.
# provenance: mask-tokens 0.1.0 rate=0.4 mask-part=1 random-part=0 electra=false whole-word=true span=1 seed=1 epoch=0
# 1
# 1
# seq.rfs
# vocab.txt
#err
# mask-tokens: 'vocab.txt' is not the vocabulary of this shard
# mask-tokens: cannot open 'missing.txt': No such file or directory
