# lib.sh: what the benches share. They are run by tests/bench/run, which sets BIN, WORK, PYTHON, ROOT.
# shellcheck shell=bash

# best N COMMAND...: the shortest of N runs, in seconds; standard output of the command is dropped.
best() {
    local n=$1 i t0 t1 t best=
    shift
    for ((i = 0; i < n; i++)); do
        t0=$EPOCHREALTIME
        "$@" >/dev/null || { echo "bench: failed: $*" >&2; return 1; }
        t1=$EPOCHREALTIME
        t=$(awk "BEGIN { printf \"%.4f\", $t1 - $t0 }")
        [ -n "$best" ] && awk "BEGIN { exit !($t >= $best) }" || best=$t
    done
    echo "$best"
}

# rate BYTES SECONDS: MB/s
rate() { awk "BEGIN { printf \"%.1f\", $1 / $2 / 1e6 }"; }

# peak COMMAND...: the most memory it had, in MB; its output is dropped.
peak() {
    "$PYTHON" -c 'import resource, subprocess, sys
status = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
print(round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024))
sys.exit(status)' "$@"
}

# row WHAT OURS UNIT PEER THEIRS: a line of the table; THEIRS may be empty.
row() {
    local ratio=
    [ -n "${5:-}" ] && ratio=$(awk "BEGIN { printf \"%.2f\", $2 / $5 }")
    printf '| %s | %s %s | %s | %s | %s |\n' "$1" "$2" "$3" "${4:-}" "${5:-}" "$ratio"
}

# text: a large file of plain text: 20 MB of real text where it is there, else the sample corpus often.
text() {
    local real=$ROOT/../shared/data/bills.txt.zst
    [ -f "$WORK/text.txt" ] && return
    if [ -f "$real" ]; then
        zstd -dc "$real" 2>/dev/null | head -c 20000000 | sed '$d' >"$WORK/text.txt"
    else
        for _ in $(seq 100); do cat "$ROOT/pipelines/corpus-ko.txt"; done >"$WORK/text.txt"
    fi
}
