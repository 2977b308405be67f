# bench_ops.sh: the ops of the CPU beside oneDNN's product of two 2048 x 2048 matrices in the same run.
# shellcheck shell=bash
. "$ROOT/tests/bench/lib.sh"

peak=
"${BIN%/bin}/tests/bench/bench_ops" | while IFS=$'\t' read -r name figure unit; do
    if [ -z "$peak" ]; then
        peak=$figure
    elif [ "$unit" = GFLOP/s ]; then
        row "$name" "$figure" "$unit" 'oneDNN, 2048^3' "$peak"
    else
        row "$name" "$figure" "$unit"
    fi
done
