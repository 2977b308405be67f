cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

printf '5 6\n7 x8 9\n' | wp-decode --ids
printf '5 -1\n' | wp-decode --ids
printf '5 4000\n' | wp-decode --ids -o out
printf '5 99999999999999999999999999\n' | wp-decode --ids
printf '\t5  6 \r\n\n' | wp-decode --ids | wc -l
ls
#out
# " %
# 2
# vocab.txt
#err
# wp-decode: 'x8' is no id in 'standard input', line 2
# wp-decode: '-1' is no id in 'standard input', line 1
# wp-decode: no token has the id 4000
# wp-decode: '99999999999999999999999999' is no id in 'standard input', line 1
