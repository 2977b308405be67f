. "$ROOT/tests/cli/squad-encode/small.inc"
try() { printf '%s' "$1" >bad.json; squad-encode -q -o out.rfs bad.json; }
try ''
try '[1, 2]'
try '{"data": [{"paragraphs": [{"qas": []}]}]}'
try '{"data": [{"paragraphs": [{"context": "x"}]}]}'
try '{"data": [{"paragraphs": [{"context": 7, "qas": []}]}]}'
try '{"data": [{"paragraphs": [{"context": "x", "qas": [{"id": "a", "answers": []}]}]}]}'
try '{"data": [{"paragraphs": [{"context": "x", "qas": [{"id": "a", "question": null}]}]}]}'
try '{"data": [{"paragraphs": [{"context": "x", "qas": [{"id": "a", "question": "q", "answers": [{"text": "x"}]}]}]}]}'
for start in '"0"' 0.5 1e2 -0.5 null true; do
    try '{"data": [{"paragraphs": [{"context": "x", "qas": [{"id": "a", "question": "q", "answers": [{"text": "x", "answer_start": '$start'}]}]}]}]}'
done
for start in 18446744073709551615 99999999999999999999999999 -99999999999999999999999999; do
    printf '%s' '{"data": [{"paragraphs": [{"context": "x", "qas": [{"id": "a", "question": "q", "answers": [{"text": "x", "answer_start": '$start'}]}]}]}]}' |
        squad-encode -o out.rfs
done
ls out.rfs
head -c 200 qa.json >cut.json
squad-encode -q -o cut.rfs cut.json
squad-encode -q -o cut.rfs none.json
squad-encode -q -V none.txt -o cut.rfs qa.json
grep -v CLS vocab.txt >less.txt
squad-encode -q -V less.txt -o cut.rfs qa.json
ls cut.rfs
#out
# out.rfs
#err
# squad-encode: no JSON value in 'bad.json': it ends at byte 0
# squad-encode: the value is no object in 'bad.json', byte 0
# squad-encode: no 'context' in a paragraph of 'bad.json', byte 26
# squad-encode: no 'qas' in a paragraph of 'bad.json', byte 26
# squad-encode: 'context' is no string in 'bad.json', byte 38
# squad-encode: no 'question' in a question of 'bad.json', byte 51
# squad-encode: 'question' is no string in 'bad.json', byte 75
# squad-encode: no 'answer_start' in an answer of 'bad.json', byte 92
# squad-encode: 'answer_start' is no whole number in 'bad.json', byte 122
# squad-encode: 'answer_start' is no whole number in 'bad.json', byte 122
# squad-encode: 'answer_start' is no whole number in 'bad.json', byte 122
# squad-encode: 'answer_start' is no whole number in 'bad.json', byte 122
# squad-encode: 'answer_start' is no whole number in 'bad.json', byte 122
# squad-encode: 'answer_start' is no whole number in 'bad.json', byte 122
# squad-encode: answers that do not stand where the file says, left out: 1
# squad-encode: answers that do not stand where the file says, left out: 1
# squad-encode: answers that do not stand where the file says, left out: 1
# squad-encode: JSON in 'cut.json' ends too early, at byte 200
# squad-encode: cannot open 'none.json': No such file or directory
# squad-encode: cannot open 'none.txt': No such file or directory
# squad-encode: the vocabulary lacks [CLS] or [SEP]
# ls: cannot access 'cut.rfs': No such file or directory
#exit 2
