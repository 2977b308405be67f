sample=$ROOT/tests/golden/modu/SERW1800009905.json
modu-text -o /dev/full "$sample"
echo $?
modu-text "$sample" >/dev/full
echo $?
modu-text --jsonl text "$sample" >/dev/full
#out
# 1
# 1
#err
# modu-text: cannot write '/dev/full': No space left on device
# modu-text: cannot write 'standard output': No space left on device
# modu-text: cannot write 'standard output': No space left on device
#exit 1
