split-sentences -o /dev/full "$CORPUS"
echo $?
split-sentences "$CORPUS" >/dev/full
echo $?
split-sentences --jsonl text >/dev/full <<<'{"text": "가"}'
echo $?
#out
# 1
# 1
# 1
#err
# split-sentences: cannot write '/dev/full': No space left on device
# split-sentences: cannot write 'standard output': No space left on device
# split-sentences: cannot write 'standard output': No space left on device
