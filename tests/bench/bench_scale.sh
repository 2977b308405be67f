# bench_scale.sh: one run on two ranks beside one rank of one thread and of two; what a rank sends for an update; and what
# these figures say of 8 to 256 ranks on a network whose figures are stated, not measured. A masked LM, 2 x 512 tokens a slot,
# dim 512, depth 6, 22,000 tokens, fp32.
# shellcheck shell=bash
. "$ROOT/tests/bench/train.sh"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_btl_base_warn_component_unused=0
updates=${UPDATES:-8} repeats=${REPEATS:-3}
if ! command -v mpirun >/dev/null || [ ! -e "$BIN/reformer-mpi.so" ]; then
    echo 'bench: no mpirun or no reformer-mpi.so: no ranks' >&2
    exit 0
fi
shards 512

# options SLOTS [BATCH]: of rf-train
options() {
    echo "-q -c $ROOT/pipelines/mlm-quick.yaml --model.dim 512 --model.depth 6 --model.heads 8 --model.max_len 512 --model.chunk 64 \
        --model.rounds 4 --train.batch ${2:-2} --train.slots $1 --train.run $WORK/scale --train.steps $updates --train.eval_every 0 \
        --train.save_every 0 --train.log_every 1 --data.eval= --data.vocab= --data.train $WORK/train-512.rfs"
}

# measure RANKS THREADS SLOTS: tokens/s to speed, seconds of an update to seconds; the best of REPEATS (3).
measure() {
    local launch=() now
    speed=0
    [ "$1" = 1 ] || launch=(mpirun --oversubscribe --bind-to none -n "$1")
    for _ in $(seq "$repeats"); do
        rm -rf "$WORK/scale"
        # shellcheck disable=SC2046
        "${launch[@]}" rf-train $(options "$3") --ranks "$1" --train.threads "$2" >/dev/null
        now=$(mean tokens_per_s "$WORK/scale/log.tsv")
        speed=$(awk "BEGIN { print ($now > $speed ? $now : $speed) }")
    done
    seconds=$(awk "BEGIN { print $3 * 2 * 512 / $speed }")
}

# Strong: an update of four slots, by whom you like. Weak: two slots a rank.
measure 1 1 4
one=$speed four=$seconds
measure 1 2 4
threads=$speed
measure 2 1 4
row 'four slots: two ranks of one thread' "$speed" tokens/s 'one rank of two threads' "$threads"
row 'four slots: two ranks of one thread' "$speed" tokens/s 'one rank of one thread' "$one"
measure 1 1 2
row_one=$speed two=$seconds
measure 2 1 4
row 'two slots a rank: two ranks' "$speed" tokens/s 'twice one rank' "$(awk "BEGIN { print 2 * $row_one }")"

# What leaves the network card of a node in an update: by runs of two lengths, so that what a start sends is no part.
# Beside the formula for R ranks: 4 bytes a weight of the sum and as many of the gathered weights, times 1 - 1/R.
# shellcheck disable=SC2046
rf-train $(options 4) --needs 22000 >"$WORK/needs"
weights=$(sed -n 's/^parameters: //p' "$WORK/needs")
sent() { # UPDATES
    rm -rf "$WORK/scale"
    updates=$1
    # shellcheck disable=SC2046
    "$ROOT/tests/cluster/cluster" run srun --mpi=pmix -N 2 -n 2 rf-train $(options 2 1) --ranks 2 --train.threads 1 >/dev/null
    "$ROOT/tests/cluster/cluster" on n1 cat /sys/class/net/eth0/statistics/tx_bytes
}
formula=$(awk "BEGIN { print 8 * $weights * (1 - 1 / 2) }")
if [ "$(id -u)" = 0 ] && command -v slurmctld >/dev/null && command -v ip >/dev/null; then
    TEST_CLUSTER=$(mktemp -d /tmp/rf-cluster.XXXXXX)
    export TEST_CLUSTER
    trap '"$ROOT/tests/cluster/cluster" down' EXIT
    "$ROOT/tests/cluster/cluster" up 2
    first=$("$ROOT/tests/cluster/cluster" on n1 cat /sys/class/net/eth0/statistics/tx_bytes)
    short=$(sent 2)
    long=$(sent 6)
    row 'sent by a rank of two in an update' "$(awk "BEGIN { printf \"%.1f\", (($long - $short) - ($short - $first)) / 4 / 1e6 }")" \
        MB '8 P (1 - 1/R)' "$(awk "BEGIN { printf \"%.1f\", $formula / 1e6 }")"
else
    echo 'bench: no Slurm, or not root: what is sent is not measured' >&2
fi

# An update of S slots on R ranks, from the times of two and of four slots on one rank: slots in turn, and the optimiser's
# part. Then log2(R) messages for the sum and as many for the weights, of 20 us each, and the bytes of the formula, of which
# a network carries so many a second into and out of a rank; none of that is hidden behind the backward pass. At last
# ranks that are FASTER times as fast, as GPUs may be, for which the network is more.
simulated() { # WHAT SLOTS RANKS FASTER BYTES/S NETWORK
    awk -v s="$2" -v r="$3" -v faster="$4" -v net="$5" -v two="$two" -v four="$four" -v p="$weights" -v what="$1" -v on="$6" 'BEGIN {
        slot = (four - two) / 2
        rest = two - 2 * slot
        if (rest < 0) rest = 0
        ideal = (s * slot + rest) / r / faster
        seconds = ideal + 2 * log(r) / log(2) * 20e-6 + 8 * p * (1 - 1 / r) / net
        printf "| simulated: %s, %d slots on %d ranks%s, %s | %.0f tokens/s | without a network | %.0f | %.2f |\n", what, s, r,
            (faster > 1 ? ", " faster " times as fast" : ""), on, s * 1024 / seconds, s * 1024 / ideal, ideal / seconds }'
}
for ranks in 8 32 128 256; do
    simulated strong 256 $ranks 1 1.25e9 '10 Gbit/s'
    simulated weak $((8 * ranks)) $ranks 1 1.25e9 '10 Gbit/s'
    simulated strong 256 $ranks 1000 12.5e9 '100 Gbit/s'
    simulated weak $((64 * ranks)) $ranks 1000 12.5e9 '100 Gbit/s'
done
