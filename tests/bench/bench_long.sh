# bench_long.sh: long sequences: time for a token at a fixed number of tokens, a step of 65,536 tokens, and the
# longest that fits (LONGEST; 1,048,576 takes minutes); LSH beside full attention of our own, on TOKENS tokens of
# LENGTHS. LONG chooses among flat, step, longest and full, which take about 3, 12, 3 and 15 minutes on 2 cores, and
# large, the longest in a model of the masked LM's size: ten minutes and 11.9 GB for a million tokens in bf16;
# full on a million tokens takes 5 minutes at 4,096, 15 at 16,384 and an hour at 65,536. DTYPE is fp32 or bf16.
# shellcheck shell=bash
. "$ROOT/tests/bench/train.sh"

# step LEN BATCH ARG...: tokens/s (of the second and later steps) and memory of some steps.
step() {
    local len=$1 batch=$2 run=$WORK/long-run
    shift 2
    rm -rf "$run"
    rf-train -q --train.run "$run" --train.eval_every 0 --train.save_every 0 --train.log_every 1 --data.eval '' --data.vocab '' \
        --model.chunk 64 --model.rounds 4 --train.batch "$batch" --train.dtype "${DTYPE:-fp32}" --data.train "$WORK/train-$len.rfs" "$@" >/dev/null
    speed=$(mean tokens_per_s "$run/log.tsv")
    rss=$(awk "BEGIN { printf \"%.0f\", $(last rss "$run/log.tsv") / 1048576 }")
    loss=$(mean_of_last 8 loss "$run/log.tsv")
}

wanted() { case " ${LONG:-flat step longest full} " in *" $1 "*) true ;; *) false ;; esac; }

if wanted flat; then
    for len in 4096 16384 65536; do
        shards $len
        step $len $((65536 / len)) --model.dim 512 --model.depth 2 --model.heads 8 --train.steps 3
        row "training, $((65536 / len)) x $len tokens, dim 512, depth 2" "$speed" tokens/s
    done
fi
if wanted step; then
    shards 65536
    step 65536 1 --model.dim 768 --model.depth 12 --model.heads 12 --model.attn_heads 1 --train.memory 3G --train.steps 2
    row 'one sequence of 65,536 tokens, dim 768, depth 12' "$speed" tokens/s
    row 'its peak memory' "$rss" MB
fi
longest=${LONGEST:-262144}
if wanted longest; then
    shards "$longest"
    step "$longest" 1 --model.dim 256 --model.depth 4 --model.heads 4 --model.attn_heads 1 --train.memory 1G --train.steps 1
    row "one sequence of $longest tokens, dim 256, depth 4: peak memory" "$rss" MB
fi
if wanted large; then
    shards "$longest"
    step "$longest" 1 --model.dim 512 --model.depth 6 --model.heads 8 --model.attn_heads 1 --train.memory 1G --train.steps 1
    row "one sequence of $longest tokens, dim 512, depth 6: peak memory" "$rss" MB
fi
if wanted full; then
    for len in ${LENGTHS:-512 4096 16384 65536}; do
        batch=$((len < 16384 ? 16384 / len : 1)) dims=(--model.dim 256 --model.depth 2 --model.heads 4)
        shards "$len"
        [ "$len" = 512 ] && { batch=8 dims=(--model.dim 512 --model.depth 6 --model.heads 8); }
        steps=$((${TOKENS:-131072} / (batch * len)))
        for full in false true; do
            step "$len" $batch "${dims[@]}" --set model.full_attn=$full --optim.lr 0.001 --optim.warmup 8 \
                --train.steps $steps
            row "$batch x $len tokens, ${DTYPE:-fp32}, $([ $full = true ] && echo full attention || echo LSH)" "$speed" tokens/s
            row 'its peak memory' "$rss" MB
            row "its loss after $((steps * batch * len)) tokens, mean of the last 8 steps" "$loss" nats
        done
    done
fi
