echo 가 >text
wp-encode text
printf 'a\nb\n' >vocab.txt
wp-encode text
: >vocab.txt
wp-encode text
printf '[UNK]\n\377\n' >vocab.txt
wp-encode text
#err
# wp-encode: cannot open 'vocab.txt': No such file or directory
# wp-encode: the vocabulary has no [UNK]
# wp-encode: no token in 'vocab.txt': it is empty
# wp-encode: not UTF-8 in 'vocab.txt', byte 6
#exit 1
