# train.sh: what the benches of training share.
# shellcheck shell=bash
. "$ROOT/tests/bench/lib.sh"

# the versions that go with this torch, not those that they ask for
reformer_pytorch() {
    need torch==2.5.1 numpy && PIP_NO_DEPS=1 need reformer-pytorch==1.4.4 einops==0.8.2 \
        axial-positional-embedding==0.3.12 local-attention==1.11.2 product-key-memory==0.3.0 \
        colt5-attention==0.11.2 hyper-connections==0.4.11 packaging
}

# shards LEN: $WORK/train-LEN.rfs, full sequences of the real text, which is taken for one sentence: speed
# counts tokens, not what fills up short ones. The vocabulary has 22,000 tokens.
shards() {
    local vocab=$WORK/train.vocab
    text
    [ -f "$WORK/train-$1.rfs" ] && return
    [ -f "$vocab" ] || wp-train -q --size 22000 -o "$vocab" "$WORK/text.txt"
    tr '\n' ' ' <"$WORK/text.txt" | wp-encode -q -V "$vocab" | shard-wiki -q --coding plain --max-len "$1" -o "$WORK/train-$1.rfs"
}

# mean COLUMN LOG: the mean of a column over the rows of training but the first.
mean() {
    awk -F '\t' -v want="$1" 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
        $c["loss"] != "-" && $c[want] != "-" && n++ { sum += $c[want]; k++ } END { if (k) print sum / k; else print "" }' "$2"
}

# last COLUMN LOG: what it holds in the last row of training.
last() {
    awk -F '\t' -v want="$1" 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
        $c["loss"] != "-" { x = $c[want] } END { print x }' "$2"
}

# mean_of_last N COLUMN LOG: the mean over the last N rows of training, or all.
mean_of_last() {
    awk -F '\t' -v n="$1" -v want="$2" 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
        $c["loss"] != "-" { x[k++] = $c[want] }
        END { for (i = k > n ? k - n : 0; i < k; i++) { sum += x[i]; m++ } print sum / m }' "$3"
}

# has_bf16: the processor multiplies bfloat16.
has_bf16() { grep -qwE 'avx512_bf16|amx_bf16' /proc/cpuinfo; }
