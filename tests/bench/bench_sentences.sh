# bench_sentences.sh: accuracy and speed of split-sentences beside kss and kiwipiepy, file by file.
# The rules of split-sentences were made with these files at hand; kss has them as its own tests.
# shellcheck shell=bash
. "$ROOT/tests/bench/lib.sh"

bills
text
size=$(stat -c %s "$WORK/text.txt")
row 'split-sentences' "$(rate "$size" "$(best 3 split-sentences "$WORK/text.txt")")" MB/s
row 'its peak memory' "$(peak split-sentences "$WORK/text.txt")" MB
data=$ROOT/../shared/data/sentences
if [ ! -d "$data" ]; then
    echo 'bench: no sentence files; skipped' >&2
    exit 0
fi

# Two versions of kss do not fit in one environment.
script=$ROOT/tests/bench/peer_sentences.py
names=(split-sentences)
"$PYTHON" "$script" "$BIN/split-sentences" "$data" >"$WORK/sentences.split-sentences"
for peer in kss==2.6.0 kss==6.0.6 kiwipiepy==0.24.1; do
    folder=$PEERS
    [ $peer = kss==6.0.6 ] && folder=$PEERS-kss6
    "$ROOT/tests/peers" "$folder" $peer || continue
    names+=("${peer/==/ }")
    # kss 6 takes minutes; what it has done by then counts
    timeout "${PEER_SECONDS:-900}" "$folder/bin/python3" -u "$script" "${peer%%[=p]*}" "$data" >"$WORK/sentences.${peer/==/ }" 2>/dev/null ||
        echo "bench: ${peer/==/ } did not come to its end" >&2
done

# A row a file: for each splitter F1 of the boundaries, the share of sentences that came back whole, speed.
echo
{ printf '| file '; printf '| %s: F1 | whole | MB/s ' "${names[@]}"; echo '|'; }
{ printf '|---'; printf '|---|---|---%.0s' "${names[@]}"; echo '|'; }
while read -r file _; do
    printf '| %s ' "$file"
    for name in "${names[@]}"; do
        awk -v file="$file" '$1 == file { printf "| %s | %s | %s ", $2, $3, $4; found = 1 }
            END { if (!found) printf "|  |  |  " }' "$WORK/sentences.$name"
    done
    echo '|'
done <"$WORK/sentences.split-sentences"
