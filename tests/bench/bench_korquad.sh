# bench_korquad.sh: what the minutes of pipelines/korquad-45min.mk give to what users would take instead: BERT of
# transformers and reformer-pytorch, of the same width, depth and length, with the same text, vocabulary and questions, each
# pre-trained for as long and fine-tuned for as long as ours was. PRETRAIN, in seconds, is needed, as all takes three times as
# long and more: 2040 is what the pipeline's 45 minutes have. PEER_STEPS_bert and PEER_STEPS_reformer are updates of
# pre-training, and of fine-tuning behind a comma, in the place of the time, so that a run beside other work learns what it
# would alone.
# shellcheck shell=bash
. "$ROOT/tests/bench/train.sh"

[ -n "${PRETRAIN:-}" ] || exit 0
run=$WORK/korquad
qa=$ROOT/../shared/data/korquad-train.json
bills
[ -f "$qa" ] || qa=pipelines/qa-train.json
fp32=()
has_bf16 || fp32=(--fp32)

# scores FILE: EM and F1 of predictions.
scores() { squad-eval -q --json "$run/dev.json" "$1" | sed -E 's/.*"exact_match": *([0-9.]+).*"f1": *([0-9.]+).*/\1 \2/'; }

make -s -f pipelines/korquad-45min.mk BIN="$BIN" QA="$qa" CORPUS="$WORK/bills.txt" PRETRAIN="${PRETRAIN}s" OUT="$run" >&2
ours=$(scores "$run/mlm/qa/seed-1/predictions.json")
row "F1 after $PRETRAIN s of masked words" "${ours#* }"
row 'exact answers of it' "${ours% *}" %
tune=$(last seconds "$run/mlm/qa/seed-1/log.tsv") # fine-tuning, in seconds
need torch==2.5.1 numpy transformers==4.57.6 tokenizers && reformer_pytorch || exit 0
shard-cat -q -f jsonl -o "$run/train.jsonl" "$run/train.rfs"
mask-tokens -q -V "$run/vocab.txt" "$run/eval.rfs" | shard-cat -q -f jsonl -o "$run/masked.jsonl"

of_yaml() { sed -n "s/^  $1: //p" pipelines/korquad-45min-mlm.yaml; }

# peer NAME LR LR_OF_QUESTIONS
peer() {
    local steps=PEER_STEPS_$1 pre fine theirs shape=(--vocab "$(wc -l <"$run/vocab.txt")" --threads "$(nproc)" --batch 8 --lr "$2")
    shape+=(--dim "$(of_yaml dim)" --depth "$(of_yaml depth)")
    IFS=, read -r pre fine <<<"${!steps:-}"
    "$PYTHON" "$ROOT/tests/bench/peer_recipe.py" "$1" --train "$run/train.jsonl" --eval "$run/masked.jsonl" "${shape[@]}" \
        --seconds "$PRETRAIN" ${pre:+--steps "$pre"} --save "$run/$1.pt" --log "$run/$1.tsv" "${fp32[@]}" >&2 &&
        "$PYTHON" "$ROOT/tests/bench/peer_korquad.py" --model "$run/$1.pt" --vocab "$run/vocab.txt" --train "$run/train.json" \
            --dev "$run/dev.json" --threads "$(nproc)" --lr "$3" --seconds "$tune" ${fine:+--steps "$fine"} \
            --out "$run/$1.json" "${fp32[@]}" >&2 || return 0
    theirs=$(scores "$run/$1.json")
    row "F1 after $PRETRAIN s" "${ours#* }" '' "$1, $(tail -n 1 "$run/$1.tsv" | cut -f 2) tokens" "${theirs#* }"
    row 'exact answers of it' "${ours% *}" % "$1" "${theirs% *}"
}
peer bert 1e-3 3e-4
peer reformer 1e-3 3e-4
