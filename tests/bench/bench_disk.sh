# bench_disk.sh: training on shards that are read by blocks beside training on shards in memory, by turns, and what a
# large set costs: opening it, its first batch, any other place of the order, its memory. The large set is the large text
# many times over, of about DISK_GB gigabytes (20; a tenth of that where there is no room), in parts of a gigabyte and less;
# both files are removed at the end.
# shellcheck shell=bash
. "$ROOT/tests/bench/lib.sh"

bills
folder=$WORK/disk run=$WORK/disk/run gb=${DISK_GB:-20}
mkdir -p "$folder"
trap 'rm -rf "$folder"' EXIT
vocab=$folder/vocab.txt
wp-train -q --size 16000 -o "$vocab" "$WORK/bills.txt"
wp-encode -q -V "$vocab" "$WORK/bills.txt" | shard-wiki -q --max-len 512 --eval-share 1% --coding plain \
    --train "$folder/plain.rfs" --eval "$folder/eval.rfs" -
shard-cat -q -f shard --coding packed -o "$folder/packed.rfs" "$folder/plain.rfs"

cat >"$folder/run.yaml" <<'X'
model: {dim: 256, depth: 4, heads: 4, position: rotary, layers: "local,lsh"}
train: {batch: 8, steps: 40, log_every: 20, eval_every: 0, save_every: 0, dtype: bf16}
X
[ "$(stat -f -c '%a*%S/1000000000' "$folder" | bc)" -ge $((gb + 2)) ] || gb=$(((gb + 9) / 10))

# speed NAME OPTION...: tokens a second of the second half of a run
speed() {
    rm -rf "$run"
    rf-train -q -c "$folder/run.yaml" -V "$vocab" --data.eval '' -o "$run" "$@" >/dev/null
    awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i } END { print $c["tokens_per_s"] }' "$run/log.tsv"
}
middle() { sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

for coding in plain packed; do
    small=$folder/$coding.rfs large=$folder/large.rfs sixteen=$folder/sixteen.rfs
    copies=$((gb * 1000000000 / $(stat -c %s "$small") / 16 + 1))
    # shellcheck disable=SC2046
    shard-cat -q -f shard --coding $coding -o "$sixteen" $(yes "$small" | head -n 16)
    for _ in $(seq $copies); do cat "$sixteen"; done >"$large"
    rm "$sixteen"
    size=$(awk "BEGIN { printf \"%.1f\", $(stat -c %s "$large") / 1e9 }")
    rm -f "$folder/memory.txt" "$folder/blocks.txt"
    for _ in 1 2 3 4 5; do # by turns, because the machine's speed drifts
        speed "$small" >>"$folder/memory.txt"
        speed --data.read blocks --data.memory 1G "$large" >>"$folder/blocks.txt"
    done
    row "rf-train on $size GB of $coding shards by blocks; peer: on one copy, in memory" "$(middle <"$folder/blocks.txt")" tokens/s \
        'data.read whole' "$(middle <"$folder/memory.txt")"
    row "its peak memory; peer: likewise" \
        "$(peak rf-train -q -c "$folder/run.yaml" -V "$vocab" --data.eval '' -o "$run.1" --data.read blocks "$large")" MB \
        'data.read whole' "$(peak rf-train -q -c "$folder/run.yaml" -V "$vocab" --data.eval '' -o "$run.2" "$small")"
    rm -rf "$run".?
    while read -r name value; do
        case $name in
        open) row "$size GB of $coding shards: opened in" "$value" s ;;
        first_batch) row '512 records are there after' "$value" s ;;
        records_per_s) row 'records in order' "$value" 'records/s' ;;
        slowest_entry) row '512 records from any place of 100 passes, the slowest of 5' "$value" s ;;
        peak_mb) row 'its peak memory' "$value" MB ;;
        esac
    done < <("$BIN/../tests/bench/bench_blocks" 64 200000 "$large")
    rm "$large"
done

# the order of half a gigabyte, which is looked at whole
for _ in $(seq 40); do cat "$folder/plain.rfs"; done >"$folder/large.rfs"
for window in 16 64 256; do
    while read -r name value; do
        case $name in
        correlation) row "a window of $window MB: rank correlation of places in the file and in the order" "$value" ;;
        apart) apart=$value ;;
        records) row 'mean distance of neighbours of the file; peer: a full shuffle' "$apart" records 'n / 3' "$((value / 3))" ;;
        esac
    done < <("$BIN/../tests/bench/bench_blocks" $window 0 "$folder/large.rfs")
done
