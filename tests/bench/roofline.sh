#!/bin/bash
# roofline.sh BUILD [all]: what a card could train at best, as a Markdown table: see tests/bench/roofline.c. With "all" the
# families of ops of each line before it.
# Numbers are bfloat16 where the card has products of them; branches compute as many rows at a time as a card likes.
set -eu
cd "$(dirname "$0")/../.."
roofline=$1/tests/bench/roofline
all=${2:-}
rows=$(mktemp)
trap 'rm -f "$rows"' EXIT

# row NAME FILE SETTING=VALUE...: on each card.
row() {
    local name=$1 card said
    shift
    for card in rtx6000 a100 h100; do
        said=$("$roofline" "$card" 22000 "$@" model.ff_rows=0 train.dtype="$([ $card = rtx6000 ] && echo fp32 || echo bf16)")
        [ "$all" != all ] || printf '%s\n\n' "$said"
        awk -v name="$name" '
            NR == 1 { card = $0; sub(/: .*/, "", card); most = $0; sub(/.*at most /, "", most); sub(/ tokens.*/, "", most) }
            /^\| all / { split($0, f, " *[|] *"); printf "| %s | %s | %s | %.0f | %.1f | %.2f | %.2f | %d |\n",
                name, card, f[3], f[4], f[5] / 1e3, f[6] / 1e3, f[7] / 1e3, int(most / 1e3) * 1e3 }' <<<"$said" >>"$rows"
    done
}

row "\`mlm.yaml\`, 128 x 512 at once" pipelines/mlm.yaml train.batch=128 train.slots=1
row "\`clm-small.yaml\`" pipelines/clm-small.yaml
row "\`electra-base.yaml\`" pipelines/electra-base.yaml
echo '| configuration | card | launches | GB | TFLOP | s at bandwidth | s at peak | tokens/s at most |'
echo '|---|---|---|---|---|---|---|---|'
cat "$rows"
