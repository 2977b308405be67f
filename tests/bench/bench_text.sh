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
for threads in 1 2; do
    t=$(best 3 wp-encode -j $threads -V "$vocab" "$WORK/text.txt")
    peer=$("$PYTHON" "$ROOT/tests/bench/peer_tokenizers.py" encode "$WORK/text.txt" "$vocab" $threads)
    row "wp-encode, $threads thread(s)" "$(rate "$size" "$t")" MB/s 'tokenizers 0.23.3' "${peer% *}"
done
row 'its peak memory' "$(peak wp-encode -V "$vocab" "$WORK/text.txt")" MB '' ''
t=$(best 3 bash -c "wp-encode -V '$vocab' '$WORK/text.txt' | shard-wiki -o '$WORK/text.rfs'")
row 'wp-encode and shard-wiki, in a pipe' "$(rate "$size" "$t")" MB/s '' ''
