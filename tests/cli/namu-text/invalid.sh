printf '[{"title":"a\377","text":"b"}]' >bad
namu-text -o out bad
echo $?
namu-text -v --invalid replace bad 2>&1 | sed 's/, [0-9.]* s, .*/, TIME/'
ls
