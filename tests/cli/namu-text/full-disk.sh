sample=$ROOT/tests/golden/modu/hostile/namuwiki-shapes.json
namu-text -o /dev/full "$sample"
echo $?
namu-text "$sample" >/dev/full
echo $?
namu-text --jsonl text "$sample" >/dev/full
