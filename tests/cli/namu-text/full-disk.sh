sample=$ROOT/tests/golden/modu/hostile/namuwiki-shapes.json
namu-text -o /dev/full "$sample"
echo $?
namu-text "$sample" >/dev/full
echo $?
namu-text --jsonl text "$sample" >/dev/full
#out
# 1
# 1
#err
# namu-text: cannot write '/dev/full': No space left on device
# namu-text: cannot write 'standard output': No space left on device
# namu-text: cannot write 'standard output': No space left on device
#exit 1
