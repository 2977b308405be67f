# without it nothing is written; with it bad files are told and counted, and the others read
cp "$ROOT/tests/golden/modu/SERW1800009905.json" good.json
cp "$ROOT/tests/golden/modu/hostile/bad-truncated.json" cut.json
echo '{"document":[{"sentence":[{"form":"a"}]}]}' >layout.json
echo 'a,b' >twin.csv
modu-text -o out good.json cut.json
echo $?
ls
modu-text --keep-going -q -o out cut.json layout.json twin.csv good.json
echo $?
cat out
modu-text --keep-going -v cut.json good.json 2>&1 | sed 's/, [0-9.]* s, .*/, TIME/'
modu-text --keep-going none.json
