cat >gold.json <<'X'
{"version": "1.1", "data": [{"title": "t", "paragraphs": [{"context": "c", "qas": [
{"id": "one", "question": "q", "answers": [{"text": "세종 대왕", "answer_start": 0}]},
{"id": "two", "question": "q", "answers": [{"text": "1443년", "answer_start": 0}, {"text": "1443", "answer_start": 0}]},
{"id": "three", "question": "q", "answers": [{"text": "The \"New York\"", "answer_start": 0}]},
{"id": "four", "question": "q", "answers": [{"text": "훈민정음", "answer_start": 0}]}]}]}]}
X
echo '{"one": "세종대왕", "two": "1443.", "three": "york new", "five": "?", "one": "세종"}' >p.json
squad-eval gold.json p.json
squad-eval -q --metric squad --per-question each.tsv gold.json p.json
cat each.tsv
squad-eval -v --json gold.json - <p.json 2>&1 | sed 's/, [0-9.]* s, .*//'
squad-eval -q --bootstrap 1000 gold.json p.json
squad-eval -q --bootstrap 1000 --json gold.json p.json
for seed in 1 1 2; do
    squad-eval -q --bootstrap 1000 --json -s $seed "$ROOT/tests/golden/squad/gold.json" "$ROOT/tests/golden/squad/all.json"
done
# a control character in a text is no field and no line of its own
printf '{"one": "\\t\\n세종\\u001b"}' | squad-eval -q --per-question - -o scores gold.json -
#out
# korquad         score
# exact match   25.0000
# F1            62.2549
# questions           4
# unanswered          1
# squad           score
# exact match   25.0000
# F1            66.6667
# questions           4
# unanswered          1
# one	0	0.666667	세종	세종 대왕
# two	1	1.000000	1443.	1443
# three	0	1.000000	york new	The "New York"
# four	0	0.000000		
# squad-eval: no prediction for question 'four'
# squad-eval: no question for prediction 'five'
# squad-eval: questions without a prediction, which count 0: 1
# squad-eval: repeated ids, of which the last counts: 1
# squad-eval: predictions of no question: 1
# {"exact_match": 25.0, "f1": 62.254901960784316}
# squad-eval: 4 questions
# korquad         score 95% from       to
# exact match   25.0000   0.0000  75.0000
# F1            62.2549  20.5882  91.6667
# questions           4
# unanswered          1
# {"exact_match": 25.0, "f1": 62.254901960784316, "exact_match_95": [0.0, 75.0], "f1_95": [20.588235294117645, 91.66666666666666]}
# {"exact_match": 36.666666666666664, "f1": 43.17723447630479, "exact_match_95": [31.0, 42.0], "f1_95": [38.685746276295916, 47.6081514134978]}
# {"exact_match": 36.666666666666664, "f1": 43.17723447630479, "exact_match_95": [31.0, 42.0], "f1_95": [38.685746276295916, 47.6081514134978]}
# {"exact_match": 36.666666666666664, "f1": 43.17723447630479, "exact_match_95": [31.666666666666668, 42.333333333333336], "f1_95": [38.61295761026771, 47.63196693257108]}
# one	0	0.571429	  세종 	세종 대왕
# two	0	0.000000		
# three	0	0.000000		
# four	0	0.000000		
#err
# squad-eval: questions without a prediction, which count 0: 1
# squad-eval: repeated ids, of which the last counts: 1
