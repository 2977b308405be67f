printf '[{"title":"a\377","text":"b"}]' >bad
namu-text -o out bad
echo $?
namu-text -v --invalid replace bad 2>&1 | sed 's/, [0-9.]* s, .*/, TIME/'
ls
#out
# 1
# a�
# b
#
# namu-text: 1 page, 1 bad byte, TIME
# bad
#err
# namu-text: not UTF-8 in 'bad', byte 12
