# what question and passage share is seen by data.match, in words too that were never learned from
python3 - <<'X'
import json, random
random.seed(1)
def questions(first, n):
    data = []
    for i in range(n):
        w = random.sample(range(first, first + 100), 8)
        facts = [(f"w{a}", f"w{b}") for a, b in zip(w[::2], w[1::2])]
        context = " ".join(f"{a} {b} ." for a, b in facts)
        a, b = random.choice(facts)
        data.append({"context": context, "qas": [{"id": str(i), "question": f"{a} ?", "answers": [
            {"text": b, "answer_start": context.index(f"{a} {b}") + len(a) + 1}]}]})
    return {"data": [{"paragraphs": data}]}
json.dump(questions(100, 400), open("train.json", "w"))
json.dump(questions(200, 100), open("dev.json", "w"))
open("vocab.txt", "w").write("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", "?"] + [f"w{i}" for i in range(100, 300)]) + "\n")
X
for part in train dev; do squad-encode -q --max-len 32 --max-query 4 -o $part.rfs $part.json; done
answers() { # RUN [OPTION]
    rf-train -q -c "$ROOT/tests/cli/rf-train/tiny.yaml" --model.full_attn --model.position rotary --data.task qa --data.train train.rfs \
        --data.eval dev.rfs --train.run "$@" --train.steps 300 --train.eval_every 100 --train.save_every 0
    squad-predict -m "$1" --max-query 4 dev.json | squad-eval --json dev.json - | grep -o '"exact_match": *[0-9.]*'
}
answers match --data.match
answers plain | awk '{ print ($2 < 40 ? "few without it" : $2) }'
# a run that begins with another's weights takes what that has learned of it, or begins anew with it
rf-train -v -c match/step-00000300/config.yaml --train.run on --train.from match --train.steps 1 2>&1 | grep -c 'begin anew'
rf-train -v -c match/step-00000300/config.yaml --train.run new --train.from plain --train.steps 1 2>&1 | grep 'begin anew'
#out
# "exact_match": 100.0
# few without it
# 0
# rf-train: 'plain' has no weights for 1 tensor of the outputs or the generator, which begin anew
