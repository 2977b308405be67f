cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

for form in shard ids; do
    wp-encode -f $form -o /dev/full "$CORPUS"
    echo $?
    wp-encode -f $form "$CORPUS" >/dev/full
    echo $?
done
#out
# 1
# 1
# 1
# 1
#err
# wp-encode: cannot write '/dev/full': No space left on device
# wp-encode: cannot write 'standard output': No space left on device
# wp-encode: cannot write '/dev/full': No space left on device
# wp-encode: cannot write 'standard output': No space left on device
