# bench_shards.sh: each stage from text to masked sequences alone, from a file to a file, then in a pipe; rates
# are in bytes of text. Sizes beside the ids in 16 bits, and beside Zstandard at its slowest.
# shellcheck shell=bash
. "$ROOT/tests/bench/lib.sh"

bills
size=$(stat -c %s "$WORK/bills.txt")
vocab=$WORK/shards.vocab tokens=$WORK/tokens.rfs seq=$WORK/text.rfs masked=$WORK/masked.rfs
wp-train -q -o "$vocab" "$WORK/bills.txt"

# stage WHAT COMMAND...
stage() {
    local what=$1
    shift
    row "$what" "$(rate "$size" "$(best 3 "$@")")" 'MB/s of text'
    row "its peak memory" "$(peak "$@")" MB
}
stage wp-encode wp-encode -V "$vocab" -o "$tokens" "$WORK/bills.txt"
stage shard-wiki shard-wiki -o "$seq" "$tokens"
stage 'shard-wiki --shuffle' shard-wiki --shuffle -o "$WORK/shuffled.rfs" "$tokens"
stage mask-tokens mask-tokens -o "$masked" "$seq"
stage shard-mix shard-mix -o "$WORK/mix.rfs" "$seq"
stage 'shard-cat --check' shard-cat --check "$seq"
stage 'shard-cat --format shard' shard-cat -f shard -o "$WORK/again.rfs" "$seq"
row 'wp-encode and shard-wiki, in a pipe' \
    "$(rate "$size" "$(best 3 bash -c "wp-encode -V '$vocab' '$WORK/bills.txt' | shard-wiki -o '$seq'")")" 'MB/s of text'

raw=$WORK/ids.raw
wp-encode --coding packed -V "$vocab" -o "$tokens" "$WORK/bills.txt"
for shard in "$tokens" "$seq"; do
    shard-cat -f raw -o "$raw" "$shard"
    zstd -q -19 -f -o "$WORK/ids.zst" "$raw"
    ours=$(awk "BEGIN { printf \"%.1f\", 100 * $(stat -c %s "$shard") / $(stat -c %s "$raw") }")
    theirs=$(awk "BEGIN { printf \"%.1f\", 100 * $(stat -c %s "$WORK/ids.zst") / $(stat -c %s "$raw") }")
    row "shard of $(basename "$shard" .rfs), packed" "$ours" '% of its ids in 16 bits' 'zstd -19' "$theirs"
done
