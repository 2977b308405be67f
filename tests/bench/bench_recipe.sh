# bench_recipe.sh: what is learned in equal minutes? Masked language models of width 256 and 6 layers on sequences of 512
# tokens: pipelines/trials-mlm.yaml as it is and with its change `best`, beside BERT and ModernBERT of transformers with AdamW
# and bfloat16, each for SECONDS_EACH. The loss is that of the same masked tokens of held-out text.
# shellcheck shell=bash
. "$ROOT/tests/bench/train.sh"

seconds=${SECONDS_EACH:-60}
run=$WORK/recipe
vocab=$run/vocab.txt
rm -rf "$run"
mkdir -p "$run"
bills
wp-train -q --size 16000 -o "$vocab" "$WORK/bills.txt"
wp-encode -q -V "$vocab" "$WORK/bills.txt" |
    shard-wiki -q --join --coding plain --max-len 512 --eval-share 1% --train "$run/train.rfs" --eval "$run/eval.rfs"
mask-tokens -q -V "$vocab" -o "$run/masked.rfs" "$run/eval.rfs"
dtype=fp32
has_bf16 && dtype=bf16

# ours NAME [SETTING...]: trains, and sets loss and tokens.
ours() {
    local name=$1 s settings=()
    shift
    for s; do settings+=(--set "$s"); done
    rf-train -q -c "$ROOT/pipelines/trials-mlm.yaml" --train.run "$run/$name" --data.vocab "$vocab" --data.train "$run/train.rfs" \
        --data.eval '' --set optim.schedule=wsd --set train.steps=4294967295 --set train.dtype=$dtype \
        --train.stop_after "${seconds}s" "${settings[@]}" 2>"$run/$name.err" || [ $? = 75 ] || { cat "$run/$name.err" >&2; return 1; }
    loss=$(rf-eval -q -m "$run/$name" "$run/masked.rfs" | awk -F '\t' 'NR == 2 { print $4 }')
    tokens=$(last tokens "$run/$name/log.tsv")
}

# best_settings: those of the change `best`, whose lengths count the updates of two minutes.
best_settings() {
    awk -v share="$(awk "BEGIN { print $seconds / 120 }")" '$1 == "best" {
        for (i = 2; i <= NF; i++) {
            if ($i !~ /^train.lengths=/) { print $i; continue }
            n = split(substr($i, 15), piece, ",")
            for (k = 1; k <= n; k++) {
                split(piece[k], at, "@")
                printf "%s%s@%d", (k > 1 ? "," : "train.lengths="), at[1], at[2] * share
            }
            print ""
        }
    }' "$ROOT/pipelines/trials-mlm.txt"
}

ours base
row "loss after $seconds s of the base, $tokens tokens" "$loss" nats
# shellcheck disable=SC2046 # settings hold no spaces
ours best $(best_settings)
best_loss=$loss best_tokens=$tokens
row "loss after $seconds s of the best recipe, $best_tokens tokens" "$best_loss" nats
need torch==2.5.1 numpy transformers==4.57.6 || exit 0
shard-cat -q -f jsonl -o "$run/train.jsonl" "$run/train.rfs"
shard-cat -q -f jsonl -o "$run/masked.jsonl" "$run/masked.rfs"
for peer in bert modernbert; do
    fp32=()
    [ $dtype = bf16 ] || fp32=(--fp32)
    "$PYTHON" "$ROOT/tests/bench/peer_recipe.py" $peer --train "$run/train.jsonl" --eval "$run/masked.jsonl" \
        --vocab "$(wc -l <"$vocab")" --seconds "$seconds" --threads "$(nproc)" --batch 8 --log "$run/$peer.tsv" "${fp32[@]}" \
        >"$run/$peer.err" 2>&1 || { echo "bench: $peer: $(tail -n 1 "$run/$peer.err")" >&2; continue; }
    row "loss after $seconds s of the best recipe" "$best_loss" nats "$peer, $(tail -n 1 "$run/$peer.tsv" | cut -f 2) tokens" \
        "$(tail -n 1 "$run/$peer.tsv" | cut -f 6)"
done
