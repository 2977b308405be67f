cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

# a file is replaced whole, or stays
echo old >out
wp-encode -o out "$CORPUS" none
cat out
wp-encode -o out "$CORPUS" && wp-decode out | head -n 1
ls
#out
# old
# 훈민정음
# out
# vocab.txt
#err
# wp-encode: cannot open 'none': No such file or directory
