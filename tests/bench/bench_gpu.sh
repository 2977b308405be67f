# bench_gpu.sh: a GPU, where the plugin reformer-cuda.so finds one: every op beside the card's own best product and its
# copy of memory, training of both models beside reformer-pytorch 1.4.4 on the same card, where torch sees it.
# BATCH (128) is that of the masked LM of 512 tokens, CLM_BATCH (8) that of the causal one of 5,120.
# shellcheck shell=bash
. "$ROOT/tests/bench/train.sh"

run=$WORK/gpu
rm -rf "$run"
mkdir -p "$run"
if ! "${BIN%/bin}/tests/bench/bench_ops" 1 cuda >"$run/ops" 2>"$run/err"; then
    echo "bench: gpu: $(tail -n 1 "$run/err")" >&2
    exit 0
fi
while IFS=$'\t' read -r name figure unit peer its; do row "$name" "$figure" "$unit" "$peer" "$its"; done <"$run/ops"

peers=
reformer_pytorch && "$PYTHON" -c 'import torch, sys; sys.exit(not torch.cuda.is_available())' && peers=yes

# trained WHAT PEER_OPTIONS -- OPTIONS: tokens/s and share of the best product, and reformer-pytorch beside it.
trained() {
    local what=$1 said='' theirs=()
    shift
    while [ "$1" != -- ]; do theirs+=("$1"); shift; done
    shift
    rm -rf "$run/run"
    mkdir "$run/run"
    rf-train -q --device cuda --train.run "$run/run" --train.eval_every 0 --train.save_every 0 --train.log_every 1 --data.eval '' \
        --data.vocab '' --model.chunk 64 --model.rounds 4 --train.steps 12 "$@" 2>"$run/err" ||
        { echo "bench: gpu: $what: $(tail -n 1 "$run/err")" >&2; return 0; }
    [ -z "$peers" ] || said=$("$PYTHON" "$ROOT/tests/bench/peer_train.py" reformer-pytorch --device cuda --ff-chunks 1 --steps 5 "${theirs[@]}" 2>"$run/err") ||
        echo "bench: gpu: reformer-pytorch, $what: $(tail -n 1 "$run/err")" >&2
    row "$what" "$(mean tokens_per_s "$run/run/log.tsv")" tokens/s 'reformer-pytorch 1.4.4, ff_chunks 1' \
        "$(sed -n 's/.*tokens_per_s=\([0-9.]*\).*/\1/p' <<<"$said")"
    row "$what, MFU" "$(awk "BEGIN { printf \"%.1f\", 100 * $(mean mfu "$run/run/log.tsv") }")" %
}

shards 512
shards 5120
batch=${BATCH:-128} clm_batch=${CLM_BATCH:-8}
for dtype in fp32 tf32 bf16; do
    bf16=()
    [ $dtype = bf16 ] && bf16=(--bf16)
    trained "masked LM, $batch x 512, $dtype" --batch "$batch" "${bf16[@]}" -- --model.dim 512 --model.depth 6 --model.heads 8 \
        --train.batch "$batch" --train.dtype $dtype --data.mask_rate 15% --data.train "$WORK/train-512.rfs"
    trained "causal LM, $clm_batch x 5120, $dtype" --dim 768 --depth 12 --heads 12 --len 5120 --causal --batch "$clm_batch" "${bf16[@]}" -- \
        --data.task clm --model.causal --model.dim 768 --model.depth 12 --model.heads 12 --train.batch "$clm_batch" \
        --train.dtype $dtype --data.train "$WORK/train-5120.rfs"
done
