# lib.sh: what the benches share. They are run by tests/bench/run, which sets BIN, WORK, PEERS, PYTHON,
# ROOT.
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

# row WHAT OURS [UNIT] [PEER THEIRS]: a line of the table; the ratio only where both figures are there.
row() {
    local ratio=
    [ -n "$2" ] && [ -n "${5:-}" ] && ratio=$(awk "BEGIN { if ($5) printf \"%.2f\", $2 / $5 }")
    printf '| %s | %s | %s | %s | %s |\n' "$1" "$2${2:+${3:+ $3}}" "${4:-}" "${5:-}" "$ratio"
}

# need PACKAGE[==VERSION]...: have these in PYTHON; false, with a line why, where one cannot be had.
need() { "$ROOT/tests/peers" "$PEERS" "$@"; }

# bills: all of the real text, 89 MB, where it is there; else the sample corpus often.
bills() {
    local real=$ROOT/../shared/data/bills.txt.zst
    [ -f "$WORK/bills.txt" ] && return
    if [ -f "$real" ]; then
        zstd -dcq "$real" >"$WORK/bills.txt"
    else
        for _ in $(seq 100); do cat "$ROOT/pipelines/corpus-ko.txt"; done >"$WORK/bills.txt"
    fi
}

# text: its first 20 MB.
text() {
    [ -f "$WORK/text.txt" ] && return
    bills
    head -c 20000000 "$WORK/bills.txt" | sed '$d' >"$WORK/text.txt"
}
