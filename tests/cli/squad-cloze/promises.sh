# the questions on the sample corpus are what the manual says, by a reader that no one here wrote
sed -s '$G' "$ROOT"/pipelines/corpus-ko*.txt >text
squad-cloze -v -n 3 --max-chars 300 -o qa.json text 2>&1 | sed 's/, [0-9.]* s,.*//'
python3 - <<'X'
import json
docs, now = [], []
for line in open("text"):
    if line.strip():
        now.append(line.strip())
    elif now:
        docs.append(now)
        now = []
sentences = {title[0]: title[1:] for title in docs}
asked = {"무엇", "누구", "어디", "언제", "몇"}
ids, seen, in_place, inside = set(), set(), 0, 0
for article in json.load(open("qa.json"))["data"]:
    of = sentences[article["title"]]
    for paragraph in article["paragraphs"]:
        context = paragraph["context"]
        parts = [s for s in of if s in context]
        assert " ".join(parts) == context and 80 <= len(context) <= 300, context
        assert not seen & {(article["title"], s) for s in parts}, "a sentence in two contexts"
        seen |= {(article["title"], s) for s in parts}
        assert 1 <= len(paragraph["qas"]) <= 3
        sources = []
        for qa in paragraph["qas"]:
            answer, = qa["answers"]
            at, text = answer["answer_start"], answer["text"]
            assert context[at:at + len(text)] == text and 2 <= len(text) <= 40 and len(text.split()) <= 4
            source = next(s for s in parts if context.index(s) <= at < context.index(s) + len(s))
            sources.append(source)
            assert qa["question"].endswith("?") and qa["id"] not in ids
            ids.add(qa["id"])
            words = qa["question"][:-1].split()
            ask = [w for w in words if any(w.startswith(a) for a in asked)]
            others = [w for w in words if w not in ask]
            assert ask and len(others) >= 2 and all(w in source for w in others), qa
            in_place += words[-1] != ask[-1]
            inside += context[at + len(text):at + len(text) + 1].isalpha()
        assert len(set(sources)) == len(sources), "a sentence is asked about twice"
print(len(ids), 0.2 < in_place / len(ids) < 0.3, 0.4 < inside / len(ids))
X
squad-cloze -q -n 3 --max-chars 300 text | cmp - qa.json
squad-cloze -q -n 3 --max-chars 300 --seed 2 text | cmp -s - qa.json || echo 'another seed, others'
for share in 0 50% 1; do squad-cloze -q --share $share text | grep -c '^{"context"'; done
#out
# squad-cloze: 324 documents, 474 contexts, 1422 questions
# 1422 True True
# another seed, others
# 0
# 238
# 473
