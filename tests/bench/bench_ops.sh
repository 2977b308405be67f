# bench_ops.sh: the ops of the CPU beside oneDNN in the same run: its product of the same shape, or of two
# 2048 x 2048 matrices.
# shellcheck shell=bash
. "$ROOT/tests/bench/lib.sh"

"${BIN%/bin}/tests/bench/bench_ops" | while IFS=$'\t' read -r name figure unit peer its; do
    row "$name" "$figure" "$unit" "$peer" "$its"
done
