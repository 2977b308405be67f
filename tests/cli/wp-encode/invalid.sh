cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

printf '가\n나\377다\n' >text
wp-encode -f pieces -o out text
echo $?
wp-encode -v --invalid replace -f pieces text 2>log
sed 's/, [0-9.]* s, .*/, TIME/' log
ls
