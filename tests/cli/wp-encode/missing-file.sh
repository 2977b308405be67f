cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

# found before any work
echo 가 >text
wp-encode -o out text none
echo $?
wp-encode -f ids text none .
echo $?
wp-encode .
ls
#out
# 1
# 1
# text
# vocab.txt
#err
# wp-encode: cannot open 'none': No such file or directory
# wp-encode: cannot open 'none': No such file or directory
# wp-encode: cannot read '.': it is a folder
