#!/bin/bash
# cards.sh BUILD [NAME...]: which batch of each configuration of pipelines/, or of those named, fits a GPU,
# as a Markdown table.
# No card is needed: rf-train --device cuda:SIZE plans for one. Vocabularies have the sizes of the pipelines.
set -eu
cd "$(dirname "$0")/../.."
PATH=$PWD/$1/bin:$PATH
shift
[ $# -gt 0 ] || set -- pipelines/*.yaml
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# needs SIZE VOCABULARY ARG...: the lines of a plan, for value().
needs() {
    local size=$1 vocabulary=$2
    shift 2
    rf-train "$@" --needs "$vocabulary" --device "cuda:$size" >"$scratch/plan"
}
value() { sed -n "s/^$1: //p" "$scratch/plan"; }
setting() { rf-train "${@:2}" --dump-config | sed -n "s/^ *$1: *\([^ ]*\).*/\1/p" | head -n 1; }

# row NAME VOCABULARY ARG...: what the run takes with its own batch if as much as can be is computed again, and if
# nothing is; and the largest batch on cards of 24 and 80 GB.
row() {
    local name=$1 vocabulary=$2 least most small large tokens
    shift 2
    tokens="$(setting batch "$@") x $(setting max_len "$@")"
    needs 80G "$vocabulary" "$@" --train.memory 1
    least=$(value memory)
    large=$(value largest_batch)
    needs 1000G "$vocabulary" "$@"
    most=$(value memory)
    needs 24G "$vocabulary" "$@" --train.memory 1
    small=$(value largest_batch)
    awk -v least="$least" -v most="$most" -v head="$name | $tokens" -v small="$small" -v large="$large" \
        'BEGIN { printf "| %s | %.1f GB | %.1f GB | %s | %s |\n", head, least / 1e9, most / 1e9, small, large }'
}

# A template's run, or one that begins with another's model, needs settings that its pipeline gives it.
of_mlm() {
    { sed -n '/^model:/,/^data:/p' pipelines/mlm.yaml | sed '$d'; cat "pipelines/$1.yaml"; } >"$scratch/$1.yaml"
    echo "$scratch/$1.yaml"
}

echo '| configuration | a slot | takes at least | at most | batch, 24 GB | batch, 80 GB |'
echo '|---|---|---|---|---|---|'
for name; do
    name=$(basename "$name" .yaml)
    [ "$name" != mlm ] || row "\`mlm.yaml\`, all of an update at once" 22000 -c pipelines/mlm.yaml --train.batch 128 --train.slots 1
done
for name; do
    name=$(basename "$name" .yaml)
    file=pipelines/$name.yaml
    case $name in
    *-quick) row "\`$name.yaml\`" 4000 -c "$file" ;;
    bert-grid) row "\`$name.yaml\`, base" 4000 -c "$file" --model.dim 768 --model.depth 12 --model.heads 12 ;;
    layouts) row "\`$name.yaml\`, 4,096 tokens" 8000 -c "$file" --model.max_len 4096 --train.batch 4 ;;
    duplication) row "\`$name.yaml\`" 130 -c "$file" ;;
    qa | classify) row "\`$name.yaml\` of \`mlm.yaml\`" 22000 -c "$(of_mlm "$name")" ;;
    *) row "\`$name.yaml\`" 22000 -c "$file" ;;
    esac
done
