split-sentences -o /dev/full "$CORPUS"
echo $?
split-sentences "$CORPUS" >/dev/full
echo $?
split-sentences --jsonl text >/dev/full <<<'{"text": "가"}'
echo $?
