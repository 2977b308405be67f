# lib.sh: what the benches share. They are run by tests/bench/run, which sets BIN, WORK, PEERS, PYTHON,
# ROOT.
# shellcheck shell=bash

# The large text, where this machine has it; else a small one many times over, which is easier on caches: what
# is made of that has a folder of its own, and row() tells it by `of`.
BILLS=$ROOT/../shared/data/bills.txt.zst
COPIES=100
of=
[ -f "$BILLS" ] || WORK=$WORK/sample
mkdir -p "$WORK"

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
    printf '| %s | %s | %s | %s | %s |\n' "$1$of" "$2${2:+${3:+ $3}}" "${4:-}" "${5:-}" "$ratio"
}

# need PACKAGE[==VERSION]...: have these in PYTHON; false, with a line why, where one cannot be had.
need() { "$ROOT/tests/peers" "$PEERS" "$@"; }

# bills: $WORK/bills.txt, the large text, 89 MB, or what stands in for it: rows from here on are about that.
bills() {
    [ -f "$BILLS" ] || of=" (sample corpus, $COPIES times over)"
    [ -f "$WORK/bills.txt" ] && return
    if [ -f "$BILLS" ]; then
        zstd -dcq "$BILLS" >"$WORK/bills.txt"
    else
        for _ in $(seq "$COPIES"); do cat "$ROOT/pipelines/corpus-ko.txt"; done >"$WORK/bills.txt"
    fi
}

# text: its first 20 MB.
text() {
    bills
    [ -f "$WORK/text.txt" ] && return
    head -c 20000000 "$WORK/bills.txt" | sed '$d' >"$WORK/text.txt"
}

# mixed: $WORK/mixed.txt, 2 MB from encyclopedias, questions, blogs and messages, in which every third word is
# new, and mixed8.txt, the same eight times over; false where this machine lacks them.
mixed() {
    local data=$ROOT/../shared/data
    [ -f "$data/korquad-train.json" ] || return
    [ -f "$WORK/mixed8.txt" ] && return
    {
        "$PYTHON" -c 'import json, sys
for article in json.load(open(sys.argv[1], encoding="utf-8"))["data"]:
    for paragraph in article["paragraphs"]:
        print(paragraph["context"], *(qa["question"] for qa in paragraph["qas"]), sep="\n")
    print()' "$data/korquad-train.json"
        cat "$data"/sentences/*.txt "$ROOT"/pipelines/corpus-ko*.txt
    } >"$WORK/mixed.txt"
    for _ in 1 2 3 4 5 6 7 8; do cat "$WORK/mixed.txt"; done >"$WORK/mixed8.txt"
}
