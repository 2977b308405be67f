# questions without answers, contexts without tokens, long questions, ids that must be escaped
. "$ROOT/tests/cli/squad-predict/model.inc"
cat >odd.json <<'X'
{"data": [{"paragraphs": [
 {"context": "", "qas": [{"id": "empty", "question": "눈은?"}, {"id": "empty too", "question": "땅은?", "answers": []}]},
 {"context": "눈은 희다. 밤은 검다.", "qas": [{"id": "\"quoted\"\n", "question": "밤은?"}, {"id": "long", "question": "밤은 밤은 밤은 밤은 밤은?"}]},
 {"context": "\u200b \u00ad", "qas": [{"id": "nothing", "question": "눈은?"}]}]},
 {"paragraphs": [{"context": "낯선 글", "qas": [{"id": "unknown", "question": "무엇?"}]}]}]}
X
check() {
    squad-predict --max-query 4 -o p.json --nbest best.json "$@" odd.json
    python3 - <<'X'
import json
answers, best = json.load(open("p.json")), json.load(open("best.json"))
for article in json.load(open("odd.json"))["data"]:
    whole = "\n".join(paragraph["context"] for paragraph in article["paragraphs"])
    for question in (q for paragraph in article["paragraphs"] for q in paragraph["qas"]):
        key = question["id"]
        assert answers[key] in whole
        assert [answers[key]] == [reply["text"] for reply in best[key][:1]] or not best[key] and not answers[key]
        print(repr(key), "answered" if answers[key] else "empty")
X
}
check
check --join-paragraphs
echo '{"data": []}' | squad-predict --max-query 4
#out
# 'empty' empty
# 'empty too' empty
# '"quoted"\n' answered
# 'long' answered
# 'nothing' empty
# 'unknown' answered
# 'empty' answered
# 'empty too' answered
# '"quoted"\n' answered
# 'long' answered
# 'nothing' answered
# 'unknown' answered
# {
# }
#err
# squad-predict: questions cut: 1
# squad-predict: questions on an empty context, whose answer is empty: 3
# squad-predict: questions cut: 1
