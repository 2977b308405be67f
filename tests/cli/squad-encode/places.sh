# starts count characters, whatever their bytes; answers that are not in their places are counted and left out
. "$ROOT/tests/cli/squad-encode/small.inc"
gold() { printf '{"data": [{"paragraphs": [{"context": "%s", "qas": [%s]}]}]}' "$1" "$2"; }
q() { printf '{"id": "%s", "question": "누가?", "answers": [%s]}' "$1" "$2"; }
a() { printf '{"text": "%s", "answer_start": %s}' "$1" "$2"; }
try() { squad-encode -v "$@" 2>&1 >out.rfs | sed 's/, [0-9.]* s, .*//'; shard-cat out.rfs -V vocab.txt; }
gold $'𝄞e\u0301 \u00e9 세종은 글자를' "$(q a "$(a 세종 6)")" | try # an astral character, an accent of two code points
gold '\ud834\udd1e 세종' "$(q a "$(a 세종 2)")" | try                    # a pair of surrogates is one character
gold '세종은 글자를' "$(q a "$(a 세종 1)"), $(q b "$(a 글자 99)"), $(q c "$(a 글자 -1)"), $(q d "$(a 글자 4)")" | try
gold '세종은 글자를' "$(q a "$(a 글자 0), $(a 글자 4), $(a 세종 0)")" | try # the first in its place
gold '세종은  글자를' "$(q a "$(a '  ' 3)"), $(q b "$(a '' 0)"), $(q c "$(a '은  글자' 2)")" | try
gold '세종은 글자를' "$(q a '')" | try
gold '' "$(q a "$(a '' 0)")" | try
gold '없는 낱말' "$(q a "$(a 없 0)")" | try # [UNK] is the word
gold '세종은 글자를' "$(q a "$(a 세종 1)")" >bad.json
squad-encode --strict bad.json >out.rfs || shard-cat out.rfs
squad-encode --strict -o new.rfs bad.json || ls new.rfs
#out
# squad-encode: the labels as predictions: exact match 100.00, F1 100.00 (korquad)
# squad-encode: 1 question, 1 window (1 with the answer), 11 tokens
# [CLS] 누가 ? [SEP] [UNK] [UNK] 세종 ##은 글자 ##를 [SEP]	4-9	6-6
# squad-encode: the labels as predictions: exact match 100.00, F1 100.00 (korquad)
# squad-encode: 1 question, 1 window (1 with the answer), 7 tokens
# [CLS] 누가 ? [SEP] [UNK] 세종 [SEP]	4-5	5-5
# squad-encode: answers that do not stand where the file says, left out: 3
# squad-encode: the labels as predictions: exact match 100.00, F1 100.00 (korquad)
# squad-encode: 4 questions, 1 window (1 with the answer), 9 tokens
# [CLS] 누가 ? [SEP] 세종 ##은 글자 ##를 [SEP]	4-7	6-6
# squad-encode: the labels as predictions: exact match 100.00, F1 100.00 (korquad)
# squad-encode: 1 question, 1 window (1 with the answer), 9 tokens
# [CLS] 누가 ? [SEP] 세종 ##은 글자 ##를 [SEP]	4-7	6-6
# squad-encode: answers without a token, left out: 2
# squad-encode: the labels as predictions: exact match 100.00, F1 100.00 (korquad)
# squad-encode: 3 questions, 1 window (1 with the answer), 9 tokens
# [CLS] 누가 ? [SEP] 세종 ##은 글자 ##를 [SEP]	4-7	5-6
# squad-encode: questions without an answer: 1
# squad-encode: 1 question, 1 window (0 with the answer), 9 tokens
# [CLS] 누가 ? [SEP] 세종 ##은 글자 ##를 [SEP]	4-7	0-0
# squad-encode: answers without a token, left out: 1
# squad-encode: questions on an empty context, left out: 1
# squad-encode: 1 question, 0 windows (0 with the answer), 0 tokens
# squad-encode: the labels as predictions: exact match 0.00, F1 66.67 (korquad)
# squad-encode: 1 question, 1 window (1 with the answer), 7 tokens
# [CLS] 누가 ? [SEP] [UNK] [UNK] [SEP]	4-5	4-4
#err
# squad-encode: the answer to question 'a' does not stand where 'answer_start' says in 'bad.json', byte 69
# shard-cat: 'out.rfs' is cut off at byte 218: its end frame is missing
# squad-encode: the answer to question 'a' does not stand where 'answer_start' says in 'bad.json', byte 69
# ls: cannot access 'new.rfs': No such file or directory
#exit 2
