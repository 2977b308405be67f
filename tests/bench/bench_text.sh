# bench_text.sh: training a vocabulary and encoding, beside Hugging Face tokenizers.
# shellcheck shell=bash
. "$ROOT/tests/bench/lib.sh"

text
size=$(stat -c %s "$WORK/text.txt")
vocab=$WORK/text.vocab
t=$(best 3 wp-train -o "$vocab" "$WORK/text.txt")
peer=$("$PYTHON" "$ROOT/tests/bench/peer_tokenizers.py" train "$WORK/text.txt")
row "wp-train, 22,000 tokens of $((size / 1000000)) MB, 2 threads" "$t" s "tokenizers 0.23.3" "${peer% *}"
row 'its peak memory' "$(peak wp-train -o "$vocab" "$WORK/text.txt")" MB 'tokenizers 0.23.3' "${peer#* }"
declare -A rates
for coding in packed plain; do
    for threads in 1 2; do
        t=$(best 3 wp-encode -j $threads --coding $coding -V "$vocab" "$WORK/text.txt")
        rates[$coding$threads]=$(rate "$size" "$t")
        peer=$("$PYTHON" "$ROOT/tests/bench/peer_tokenizers.py" encode "$WORK/text.txt" "$vocab" $threads)
        row "wp-encode, $coding, $threads thread(s)" "${rates[$coding$threads]}" MB/s 'tokenizers 0.23.3' "${peer% *}"
    done
    row "wp-encode, $coding, 2 threads beside 1" "${rates[${coding}2]}" MB/s '1 thread' "${rates[${coding}1]}"
done
t=$(best 3 wc -w "$WORK/text.txt")
row 'wp-encode, plain, 1 thread, beside counting words' "${rates[plain1]}" MB/s 'wc -w' "$(rate "$size" "$t")"
row 'its peak memory' "$(peak wp-encode -V "$vocab" "$WORK/text.txt")" MB '' ''

# Each stage of the pipe alone, from a file to a file; all rates are in bytes of text.
tokens=$WORK/tokens.rfs seq=$WORK/text.rfs masked=$WORK/masked.rfs
wp-encode -V "$vocab" -o "$tokens" "$WORK/text.txt"
stage() {
    local what=$1 t
    shift
    t=$(best 3 "$@")
    row "$what" "$(rate "$size" "$t")" 'MB/s of text' '' ''
}
stage 'shard-wiki' shard-wiki -o "$seq" "$tokens"
stage 'shard-wiki --shuffle' shard-wiki --shuffle -o "$WORK/shuffled.rfs" "$tokens"
stage 'mask-tokens' mask-tokens -o "$masked" "$seq"
stage 'shard-mix' shard-mix -o "$WORK/mix.rfs" "$seq"
stage 'shard-cat --check' shard-cat --check "$seq"
stage 'shard-cat --format shard' shard-cat -f shard -o "$WORK/again.rfs" "$seq"
stage 'wp-encode and shard-wiki, in a pipe' bash -c "wp-encode -V '$vocab' '$WORK/text.txt' | shard-wiki -o '$seq'"

# Shards of all the text there is beside their ids in 16 bits, and beside Zstandard at its slowest.
real=$ROOT/../shared/data/bills.txt.zst raw=$WORK/ids.raw
if [ -f "$real" ]; then
    zstd -dc "$real" | wp-encode -V "$vocab" -o "$tokens"
    shard-wiki -o "$seq" "$tokens"
fi
share() { awk "BEGIN { printf \"%.1f\", 100 * $(stat -c %s "$1") / $(stat -c %s "$raw") }"; }
for shard in "$tokens" "$seq"; do
    shard-cat -f raw -o "$raw" "$shard"
    zstd -q -19 -f -o "$WORK/ids.zst" "$raw"
    row "$(basename "$shard" .rfs): bytes of the shard" "$(share "$shard")" '% of its ids' 'zstd -19' "$(share "$WORK/ids.zst")"
done
