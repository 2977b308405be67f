. "$ROOT/tests/cli/squad-predict/model.inc"
options=(--max-query 4 --doc-stride 16)
squad-predict -v "${options[@]}" -o p.json --nbest best.json qa.json 2>&1 | sed 's/, [0-9.]* s, .*//'
squad-eval qa.json p.json
head -n 3 p.json; tail -n 2 p.json
squad-predict -q "${options[@]}" <qa.json | cmp - p.json && echo 'the same from standard input'
squad-predict -q "${options[@]}" -j 2 qa.json | cmp - p.json && echo 'the same with two threads'
squad-predict -q "${options[@]}" --batch 1 qa.json | cmp - p.json && echo 'the same one by one'
squad-predict -q "${options[@]}" --batch 5 --nbest best5.json -o p5.json qa.json && cmp p.json p5.json
# windows of a few tokens: an answer may stand in several of them
squad-predict -v --max-len 18 --max-query 4 --doc-stride 3 -o p.json --nbest best.json qa.json 2>&1 | sed 's/, [0-9.]* s, .*//'
# what is true of all answers: parts of their contexts, probabilities that sum to 1, no text twice, the best first
check() { # MOST
    python3 - "$1" <<'X'
import json, sys
answers, best = json.load(open("p.json")), json.load(open("best.json"))
for paragraph in json.load(open("qa.json"))["data"][0]["paragraphs"]:
    for question in paragraph["qas"]:
        replies = best[question["id"]]
        texts = [reply["text"] for reply in replies]
        sums = [reply["start_logit"] + reply["end_logit"] for reply in replies]
        assert answers[question["id"]] == texts[0] and 0 < len(texts) <= int(sys.argv[1])
        assert all(text and text in paragraph["context"] for text in texts)
        assert len(set(texts)) == len(texts)
        assert all(a + 1e-4 >= b for a, b in zip(sums, sums[1:])), sums
        assert abs(sum(reply["probability"] for reply in replies) - 1) < 1e-4
print("checked")
X
}
check 20
squad-predict -q "${options[@]}" -k 3 -o p.json --nbest best.json qa.json && check 3
squad-predict -q "${options[@]}" --max-answer 1 qa.json | grep -cE '": "[^"]{1,2}"'
# one question
squad-predict --max-query 4 --question '눈은?' --context '하늘은 파랗다. 땅은 누렇다. 눈은 희다. 풀은 푸르다.'
squad-predict --max-query 4 --question '' --context '' | cat -A
#out
# squad-predict: 16 questions, 16 windows
# korquad         score
# exact match  100.0000
# F1           100.0000
# questions          16
# unanswered          0
# {
# "0-하늘": "파랗다",
# "0-땅": "누렇다",
# "3-눈": "희다"
# }
# the same from standard input
# the same with two threads
# the same one by one
# squad-predict: 16 questions, 64 windows
# checked
# checked
# 16
# 희다
# $
#err
# squad-predict: questions on an empty context, whose answer is empty: 1
