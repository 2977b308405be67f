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
#out
# 1
# cut.json
# good.json
# layout.json
# twin.csv
# 0
# 골목길 1회
# 어디 갔다 와?
# 시장.
#
# modu-text: JSON in 'cut.json' ends too early, at byte 117
# 골목길 1회
# 어디 갔다 와?
# 시장.
#
# modu-text: 1 document, 2 utterances, 1 bad file, TIME
#err
# modu-text: JSON in 'cut.json' ends too early, at byte 117
# modu-text: JSON in 'cut.json' ends too early, at byte 117
# modu-text: no text in 'layout.json', byte 0: the first document has sentence, and no form in a paragraph or utterance
# modu-text: 'twin.csv' is a CSV file: give the JSON file of the same name, which has the same text
# modu-text: cannot open 'none.json': No such file or directory
#exit 1
