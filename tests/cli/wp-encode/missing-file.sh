cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

# found before any work
echo 가 >text
wp-encode -o out text none
echo $?
wp-encode -f ids text none .
echo $?
wp-encode .
ls
