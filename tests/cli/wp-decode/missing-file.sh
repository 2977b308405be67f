cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

wp-encode -o tokens.rfs "$CORPUS"
wp-decode -o text tokens.rfs none
echo $?
wp-decode -V none tokens.rfs
ls
#out
# 1
# tokens.rfs
# vocab.txt
#err
# wp-decode: cannot open 'none': No such file or directory
# wp-decode: cannot open 'none': No such file or directory
