# bench_learn.sh: does it learn as well? The loss on the same masked sequences in the same order, a million
# tokens, beside reformer-pytorch 1.4.4; both curves in learn-tokens.svg and learn-seconds.svg.
# shellcheck shell=bash
. "$ROOT/tests/bench/train.sh"

run=$WORK/learn
rm -rf "$run"
mkdir -p "$run/reformer-pytorch"
text
wp-train -q --size 8000 -o "$run/vocab.txt" "$WORK/text.txt"

# ends_at LOG: the mean loss of the last five rows.
ends_at() {
    awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
        $c["loss"] != "-" { x[n++ % 5] = $c["loss"] } END { for (i in x) sum += x[i]; printf "%.3f", sum / length(x) }' "$1"
}
sequences=${SEQUENCES:-2080} # most of them full: a million tokens in all
sed '/^$/d' "$WORK/text.txt" | wp-encode -q -V "$run/vocab.txt" | shard-wiki -q --max-len 512 -o "$run/train.rfs"
mask-tokens -q -V "$run/vocab.txt" "$run/train.rfs" | shard-cat -q -f shard -n "$sequences" -o "$run/masked.rfs"
steps=$((sequences / 8))
rf-train -q --train.run "$run/reformer-tools" --data.train "$run/masked.rfs" --data.in_order --data.eval '' --data.vocab '' \
    --model.dim 256 --model.depth 4 --model.heads 4 --optim.lr 0.001 --optim.warmup 50 --train.batch 8 \
    --train.steps $steps --train.log_every 10 --train.save_every 0
ours=$(ends_at "$run/reformer-tools/log.tsv")
theirs=
if reformer_pytorch; then
    shard-cat -q -f jsonl "$run/masked.rfs" |
        "$PYTHON" "$ROOT/tests/bench/peer_learn.py" --vocab 8000 --threads "$(nproc)" --log "$run/reformer-pytorch/log.tsv"
    theirs=$(ends_at "$run/reformer-pytorch/log.tsv")
    for by in tokens seconds; do
        rf-plot -q --by $by -o "$run/learn-$by.svg" "$run/reformer-tools/log.tsv" "$run/reformer-pytorch/log.tsv"
    done
fi
row "loss after $(last tokens "$run/reformer-tools/log.tsv") tokens, dim 256, depth 4" "$ours" nats 'reformer-pytorch 1.4.4, same sequences' "$theirs"
row 'the time it took' "$(last seconds "$run/reformer-tools/log.tsv")" s 'reformer-pytorch 1.4.4, ff_chunks 1' \
    "${theirs:+$(last seconds "$run/reformer-pytorch/log.tsv")}"
