# bench_train.sh: tokens/s and memory of training the quick shape, beside reformer-pytorch.
# shellcheck shell=bash
. "$ROOT/tests/bench/lib.sh"

yaml=$ROOT/pipelines/mlm-quick.yaml
key() { sed -n "s/^ *$1: *\([0-9]*\).*/\1/p" "$yaml" | head -n 1; }
run=$WORK/train
rm -rf "$run"
mkdir -p "$run"
wp-train -q --size 2000 -o "$run/vocab.txt" "$ROOT/pipelines/corpus-ko.txt"
wp-encode -V "$run/vocab.txt" "$ROOT/pipelines/corpus-ko.txt" |
    shard-wiki --max-len "$(key max_len)" --train "$run/train.rfs" --eval "$run/eval.rfs"
train=(rf-train -q -c "$yaml" --train.run "$run/run" --train.steps 60 --train.eval_every 100000
    --train.save_every 100000 --data.train "$run/train.rfs" --data.eval '' --data.vocab '')
memory=$(peak "${train[@]}")
# columns by name; tokens and seconds between two rows of the log: start-up does not count
ours=$(awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i }
    NR > 1 && $c["tokens_per_s"] != "-" { n++; if (n > 1) { sum += $c["tokens_per_s"]; k++ } }
    END { printf "%.0f", sum / k }' "$run/run/log.tsv")
# the versions that go with this torch, not those that they ask for
if ! need torch==2.5.1 numpy || ! PIP_NO_DEPS=1 need reformer-pytorch==1.1.3 einops \
    axial-positional-embedding==0.2.1 local-attention==1.0.2 product-key-memory==0.1.10; then
    row 'training, quick shape, fp32' "$ours" tokens/s
    row 'its peak memory' "$memory" MB
    exit 0
fi
for chunks in 100 1; do
    peer=$("$PYTHON" "$ROOT/tests/bench/peer_reformer.py" --dim "$(key dim)" --depth "$(key depth)" \
        --heads "$(key heads)" --len "$(key max_len)" --batch "$(key batch)" --hashes "$(key rounds)" \
        --bucket "$(key chunk)" --vocab 2000 --steps 10 --threads "$(nproc)" --ff-chunks $chunks)
    row "training, quick shape, fp32" "$ours" tokens/s "reformer-pytorch 1.1.3, ff_chunks $chunks" \
        "$(sed -n 's/.*tokens_per_s=\([0-9.]*\).*/\1/p' <<<"$peer")"
    row "its peak memory" "$memory" MB "reformer-pytorch 1.1.3, ff_chunks $chunks" \
        "$(sed -n 's/.*peak_mb=\([0-9.]*\).*/\1/p' <<<"$peer")"
done
