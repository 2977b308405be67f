cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

for form in shard ids; do
    wp-encode -f $form -o /dev/full "$CORPUS"
    echo $?
    wp-encode -f $form "$CORPUS" >/dev/full
    echo $?
done
