# train.sh: what the benches of training share.
# shellcheck shell=bash
. "$ROOT/tests/bench/lib.sh"

# the versions that go with this torch, not those that they ask for
reformer_pytorch() {
    need torch==2.5.1 numpy && PIP_NO_DEPS=1 need reformer-pytorch==1.4.4 einops==0.8.2 \
        axial-positional-embedding==0.3.12 local-attention==1.11.2 product-key-memory==0.3.0 \
        colt5-attention==0.11.2 hyper-connections==0.4.11 packaging
}

# shards LEN: train.rfs and eval.rfs of the real text, vocab.txt of 22,000 tokens, in $WORK/train-LEN.
shards() {
    local to=$WORK/train-$1
    [ -f "$to/eval.rfs" ] && return
    text
    mkdir -p "$to"
    wp-train -q --size 22000 -o "$to/vocab.txt" "$WORK/text.txt"
    wp-encode -q -V "$to/vocab.txt" "$WORK/text.txt" |
        shard-wiki -q --max-len "$1" --train "$to/train.rfs" --eval "$to/eval.rfs"
}

# whole LEN: the sequences that are full; of a length that few reach, all text in one document.
long_shards() {
    local to=$WORK/train-$1
    [ -f "$to/train.rfs" ] && return
    shards 512
    mkdir -p "$to"
    cp "$WORK/train-512/vocab.txt" "$to"
    sed '/^$/d' "$WORK/text.txt" | wp-encode -q -V "$to/vocab.txt" |
        shard-wiki -q --max-len "$1" --eval-share 0 --train "$to/train.rfs" --eval "$to/eval.rfs"
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

# has_bf16: the processor multiplies bfloat16.
has_bf16() { grep -qwE 'avx512_bf16|amx_bf16' /proc/cpuinfo; }
