# bench_train.sh: tokens/s and memory of training beside reformer-pytorch 1.4.4, and beside BERT and GPT-2 of transformers
# of the same shapes: a masked LM, 8 x 512 tokens, dim 512, depth 6, heads 8; an autoregressive LM, 1 x 5120, dim 768,
# depth 12, heads 12. 4 rounds, chunks of 64, AdamW, 22,000 tokens. First in a third of reformer-pytorch's memory or
# nearly, then with all that helps, which is less than its own. MODELS="mlm ar" and DTYPES="fp32 bf16x3 bf16" choose.
# shellcheck shell=bash
. "$ROOT/tests/bench/train.sh"

# ours MEMORY ARG...: one run of a few steps; sets speed, mfu, hfu and rss from its log.
ours() {
    local run=$WORK/train-run/$dtype memory=$1
    rm -rf "$run"
    mkdir -p "$run"
    shift
    rf-train -q --train.run "$run" --train.memory "$memory" --train.dtype "$dtype" --train.eval_every 0 \
        --train.save_every 0 --train.log_every 1 --optim.clip 0 --optim.in_backward --data.eval '' --data.vocab '' \
        --model.chunk 64 --model.rounds 4 --data.mask_rate 15% "$@" >/dev/null
    speed=$(mean tokens_per_s "$run/log.tsv")
    mfu=$(mean mfu "$run/log.tsv") hfu=$(mean hfu "$run/log.tsv")
    rss=$(awk "BEGIN { printf \"%.0f\", $(last rss "$run/log.tsv") / 1048576 }")
}

# start WHAT ARG...: seconds from the start of rf-train to its word that it is ready, the best of 9.
start() {
    local what=$1 fifo=$WORK/start.fifo seconds now
    shift
    [ -p "$fifo" ] || mkfifo "$fifo"
    seconds=$(for _ in 1 2 3 4 5 6 7 8 9; do
        rm -rf "$WORK/start-run"
        now=$EPOCHREALTIME
        rf-train -v --train.run "$WORK/start-run" --train.eval_every 0 --train.save_every 0 --data.eval '' --data.vocab '' \
            "$@" >/dev/null 2>"$fifo" &
        read -r _ <"$fifo"
        echo "$now $EPOCHREALTIME" | awk '{ printf "%.3f\n", $2 - $1 }'
        kill -9 $!
        wait $! 2>/dev/null
    done | sort -n | head -1)
    row "start, $what" "$seconds" s
}

# peer NAME MODEL ARG...: what it says, to said[NAME], and the name to names.
peer() {
    said[$1]=$("$PYTHON" "$ROOT/tests/bench/peer_train.py" "${@:2}" --threads "$(nproc)")
    names+=("$1")
}

# peers OTHER MODEL ARG...: the peers of a shape: reformer-pytorch with 100 and 1 pieces of feed-forward, and a model of
# transformers, which is called OTHER.
peers() {
    local chunks
    names=()
    [ -z "$reformer" ] || for chunks in 100 1; do
        peer "reformer-pytorch 1.4.4, ff_chunks $chunks" reformer-pytorch --ff-chunks $chunks "${@:3}"
    done
    [ -z "$transformers" ] || peer "$1 of transformers 4.57.6" "$2" "${@:3}"
}

# beside WHAT: rows of our last run beside what the peers said.
beside() {
    local what=$1 name
    row "$what, MFU" "$(awk "BEGIN { printf \"%.1f\", 100 * $mfu }")" %
    row "$what, HFU" "$(awk "BEGIN { printf \"%.1f\", 100 * $hfu }")" %
    [ ${#names[@]} -gt 0 ] || { row "$what" "$speed" tokens/s && row "$what, peak memory" "$rss" MB; }
    for name in "${names[@]}"; do
        row "$what" "$speed" tokens/s "$name" "$(sed -n 's/.*tokens_per_s=\([0-9.]*\).*/\1/p' <<<"${said[$name]}")"
        row "$what, peak memory" "$rss" MB "$name" "$(sed -n 's/.*peak_mb=\([0-9.]*\).*/\1/p' <<<"${said[$name]}")"
    done
}

declare -A said
names=() reformer='' transformers=''
reformer_pytorch && reformer=yes
need torch==2.5.1 numpy transformers==4.57.6 && transformers=yes
default=fp32
has_bf16 && default='fp32 bf16'
grep -qw amx_bf16 /proc/cpuinfo && default='fp32 bf16x3 bf16'
mlm=(--model.dim 512 --model.depth 6 --model.heads 8 --train.batch 8 --train.steps 14 --data.train "$WORK/train-512.rfs")
ar=(--model.dim 768 --model.depth 12 --model.heads 12 --model.causal --data.task clm --train.batch 1 --train.steps 3
    --data.train "$WORK/train-5120.rfs")
shards 512
shards 5120
start 'dim 256, depth 4' --data.train "$WORK/train-512.rfs"
start 'masked LM' "${mlm[@]}"
start 'autoregressive LM' "${ar[@]}" --train.memory "${AR_MEMORY:-1460M}" --model.attn_heads 4 --model.ff_rows 512 --optim.in_backward --optim.clip 0
for model in ${MODELS:-mlm ar}; do
    names=()
    case $model in
        mlm)
            what='masked LM, 8 x 512' memory=${MLM_MEMORY:-820M} options=("${mlm[@]}") saving=()
            others=(BERT bert --dim 512 --depth 6 --heads 8 --len 512 --batch 8 --steps 3)
            ;;
        ar)
            what='autoregressive LM, 1 x 5120' memory=${AR_MEMORY:-1460M} options=("${ar[@]}")
            saving=(--model.attn_heads 4 --model.ff_rows 512)
            others=(GPT-2 gpt2 --dim 768 --depth 12 --heads 12 --len 5120 --batch 1 --steps 1 --causal)
            ;;
        *) echo "bench: MODELS is of mlm and ar, not $model" >&2 && exit 1 ;;
    esac
    for dtype in ${DTYPES:-$default}; do
        bf16=
        [ "$dtype" = bf16 ] && bf16=--bf16
        [ "$dtype" = bf16x3 ] || peers "${others[@]}" $bf16 # its peers are those of fp32, which come before
        ours "$memory" "${options[@]}" "${saving[@]}"
        beside "$what, $dtype"
        ours 4G "${options[@]}"
        beside "$what, $dtype, nothing computed again"
    done
done
