# a byte order mark is no part of a vocabulary's first token; a vocabulary in UTF-16 is named
printf '\357\273\277%s\n' '[PAD]' >vocab.txt
printf '%s\n' '[UNK]' '[CLS]' '[SEP]' '[MASK]' a b >>vocab.txt
echo 'a [PAD]' | wp-encode -f ids
echo 'a b' | wp-encode | shard-cat --info | grep -i pad
iconv -f UTF-8 -t UTF-16LE vocab.txt >wide.txt
wp-encode -V wide.txt </dev/null
printf '\357\273\277' >empty.txt
wp-encode -V empty.txt </dev/null
#out
# 5 0
# special: [PAD] 0 [UNK] 1 [CLS] 2 [SEP] 3 [MASK] 4
#err
# wp-encode: 'wide.txt' is UTF-16, not UTF-8
# wp-encode: no token in 'empty.txt': it is empty
#exit 1
