echo 가 >text
wp-encode text
printf 'a\nb\n' >vocab.txt
wp-encode text
: >vocab.txt
wp-encode text
printf '[UNK]\n\377\n' >vocab.txt
wp-encode text
