sample=$ROOT/tests/golden/modu/SERW1800009905.json
modu-text -o /dev/full "$sample"
echo $?
modu-text "$sample" >/dev/full
echo $?
modu-text --jsonl text "$sample" >/dev/full
