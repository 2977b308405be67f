# bench_sentences.sh: accuracy and speed of split-sentences beside kss and kiwipiepy, file by file.
# The rules of split-sentences were made with these files at hand; kss has them as its own tests.
# shellcheck shell=bash
. "$ROOT/tests/bench/lib.sh"

data=$ROOT/../shared/data/sentences
if [ ! -d "$data" ]; then
    echo 'bench: no sentence files; skipped' >&2
    exit 0
fi
"$PYTHON" -c 'import kss, kiwipiepy' 2>/dev/null || "$PYTHON" -m pip install -q kss==2.6.0 kiwipiepy
script=$ROOT/tests/bench/peer_sentences.py
for peer in "$BIN/split-sentences" kss kiwi; do
    "$PYTHON" "$script" "$peer" "$data" >"$WORK/sentences.${peer##*/}"
done
for peer in kss kiwi; do
    name="$peer $("$PYTHON" -m pip show ${peer/kiwi/kiwipiepy} 2>/dev/null | sed -n 's/^Version: //p')"
    paste -d ' ' "$WORK/sentences.split-sentences" "$WORK/sentences.$peer" |
        while read -r file f1 whole _ _ _ peer_f1 peer_whole _; do
            row "split-sentences, $file: F1 of boundaries" "$f1" '' "$name" "$peer_f1"
            row "its share of whole sentences" "$whole" '' "$name" "$peer_whole"
        done
    # the largest file, so that starting a process counts for little
    row 'split-sentences, wikipedia.txt' "$(awk '$1 == "wikipedia.txt" { print $4 }' "$WORK/sentences.split-sentences")" \
        MB/s "$name" "$(awk '$1 == "wikipedia.txt" { print $4 }' "$WORK/sentences.$peer")"
done
text
size=$(stat -c %s "$WORK/text.txt")
row 'split-sentences' "$(rate "$size" "$(best 3 split-sentences "$WORK/text.txt")")" MB/s '' ''
row 'its peak memory' "$(peak split-sentences "$WORK/text.txt")" MB '' ''
