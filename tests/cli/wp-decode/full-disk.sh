cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

wp-encode -o tokens.rfs "$CORPUS"
wp-decode -o /dev/full tokens.rfs
echo $?
wp-decode tokens.rfs >/dev/full
#out
# 1
#err
# wp-decode: cannot write '/dev/full': No space left on device
# wp-decode: cannot write 'standard output': No space left on device
#exit 1
