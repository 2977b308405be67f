# bench_squad.sh: squad-eval beside the official evaluators, on the real questions where this machine has them,
# as many as KorQuAD's training set has, else on the sample questions; and squad-encode.
# shellcheck shell=bash
. "$ROOT/tests/bench/lib.sh"

raw=https://raw.githubusercontent.com
fetch() { # NAME URL
    [ -s "$WORK/$1" ] || curl -sSfL --retry 3 -o "$WORK/$1" "$2" || { rm -f "$WORK/$1"; return 1; }
}
fetch korquad.py "${KORQUAD_EVALUATOR:-$raw/korquad/korquad.github.io/master/dataset/evaluate-v1.0.py}" || exit 0
fetch squad.py "${SQUAD_EVALUATOR:-$raw/allenai/bi-att-flow/master/squad/evaluate-v1.1.py}" || exit 0

gold=$ROOT/../shared/data/korquad-train.json
copies=12
[ -f "$gold" ] || { gold=$ROOT/pipelines/qa-train.json; copies=350; of=" (sample questions, $copies times over)"; }
"$PYTHON" - "$gold" "$copies" "$WORK" <<'X'
# Questions many times over, each time with ids of their own; a third of the answers is right, the rest is near.
import json, random, sys
gold, copies, work = json.load(open(sys.argv[1])), int(sys.argv[2]), sys.argv[3]
rng = random.Random(1)
data, predictions = [], {}
for copy in range(copies):
    for article in json.loads(json.dumps(gold["data"])):
        for paragraph in article["paragraphs"]:
            for qa in paragraph["qas"]:
                qa["id"] += f"-{copy}"
                text = qa["answers"][0]["text"]
                predictions[qa["id"]] = rng.choice((text, text + "은", paragraph["context"][:20]))
        data.append(article)
for ascii in True, False:
    kind = "escaped" if ascii else "utf8"
    json.dump({"version": "KorQuAD_v1.0_x", "data": data}, open(f"{work}/gold-{kind}.json", "w"), ensure_ascii=ascii)
    json.dump(predictions, open(f"{work}/predictions-{kind}.json", "w"), ensure_ascii=ascii)
X

cd "$WORK" || exit
for metric in korquad squad; do
    for kind in escaped utf8; do
        files=("gold-$kind.json" "predictions-$kind.json")
        ours=$(squad-eval -q --json --metric $metric "${files[@]}")
        theirs=$("$PYTHON" -W ignore $metric.py "${files[@]}" 2>/dev/null)
        [ "$ours" = "$theirs" ] || { echo "bench: $metric: $ours, not $theirs" >&2; exit 1; }
        row "squad-eval, $metric, $kind, $(stat -c %s "gold-$kind.json" | awk '{ printf "%d MB", $1 / 1e6 }')" \
            "$(best 5 squad-eval -q --json --metric $metric "${files[@]}")" s "official, Python" \
            "$(best 2 "$PYTHON" -W ignore $metric.py "${files[@]}" 2>/dev/null)"
    done
done
row 'its peak memory' "$(peak squad-eval -q "${files[@]}")" MB 'official, Python' "$(peak "$PYTHON" -W ignore squad.py "${files[@]}" 2>/dev/null)"
text
[ -f vocab.txt ] || wp-train -q --size 22000 -o vocab.txt text.txt
row 'squad-encode, 512 tokens' "$(rate "$(stat -c %s gold-utf8.json)" "$(best 3 squad-encode -q -o qa.rfs gold-utf8.json)")" MB/s
