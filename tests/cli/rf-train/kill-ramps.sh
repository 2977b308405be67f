# updates of fewer slots and sequences in pieces at first: killed in the midst of either, it ends with the same bytes
. "$ROOT/tests/cli/rf-train/data.inc"
args="-q -c tiny.yaml --train.batch 4 --train.slots 4 --train.slots_start 1 --train.slots_ramp 20 --train.lengths 20@9,32@16 \
    --train.label_smoothing 0.1 --model.head_zero --train.save_every 4 --train.log_every 3"
# shellcheck disable=SC2086
rf-train $args -o whole
for step in 08 12 24; do
    # shellcheck disable=SC2086
    rf-train $args -o run &
    wait_until test -e run/step-000000$step
    kill -KILL $!
    wait $!
    echo $?
done 2>/dev/null
# shellcheck disable=SC2086
rf-train $args -o run
same whole run
awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i } $c["step"] == 9 && $c["set"] == "-" { early = $c["tokens"] / 9 }
    { late = $c["tokens"] } END { print early < late / 40 / 2 ? "early updates are smaller" : early " " late }' run/log.tsv
#out
# 137
# 137
# 137
# run is like whole
# early updates are smaller
