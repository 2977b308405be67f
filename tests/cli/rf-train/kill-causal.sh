# the next token too, with chunks of either layout: killed behind a checkpoint, twice, it ends with the same bytes
. "$ROOT/tests/cli/rf-train/data.inc"
for layout in aligned chunked; do
    args="-q -c tiny.yaml --model.causal --data.task clm --model.lsh_layout $layout --train.save_every 4 --train.log_every 3"
    # shellcheck disable=SC2086
    rf-train $args -o whole-$layout
    for step in 04 12; do
        # shellcheck disable=SC2086
        rf-train $args -o $layout &
        wait_until test -e $layout/step-000000$step
        kill -KILL $!
        wait $!
        echo $?
    done 2>/dev/null
    # shellcheck disable=SC2086
    rf-train $args -o $layout
    same whole-$layout $layout
done
#out
# 137
# 137
# aligned is like whole-aligned
# 137
# 137
# chunked is like whole-chunked
