# bench_wiki.sh: wiki-text beside wikiextractor.
# shellcheck shell=bash
. "$ROOT/tests/bench/lib.sh"

shopt -s nullglob
dumps=("$ROOT"/../shared/data/dumps/*.xml.bz2)
if [ ${#dumps[@]} = 0 ]; then
    echo 'bench: no sample dumps; skipped' >&2
    exit 0
fi
"$PYTHON" -c 'import wikiextractor' 2>/dev/null || "$PYTHON" -m pip install -q wikiextractor==3.1.0
script=$ROOT/tests/bench/peer_wikiextractor.py
"$PYTHON" "$script" "$BIN/wiki-text" speed "${dumps[@]}" >"$WORK/wiki.speed"
"$PYTHON" "$script" "$BIN/wiki-text" "${dumps[@]}" >"$WORK/wiki.words"
name="wikiextractor $("$PYTHON" -m pip show wikiextractor 2>/dev/null | sed -n 's/^Version: //p')"
row 'wiki-text, processor time' "$(awk '$1 == "wiki-text" { print $2 }' "$WORK/wiki.speed")" MB/s \
    "$name" "$(awk '$1 == "wikiextractor" { print $2 }' "$WORK/wiki.speed")"
row 'its words that the other has not' "$(awk 'NR > 1 { n += $(NF - 1) } END { print n }' "$WORK/wiki.words")" '' \
    "$name, the other way round" "$(awk 'NR > 1 { n += $NF } END { print n }' "$WORK/wiki.words")"
row 'its peak memory' "$(peak wiki-text "${dumps[@]}")" MB '' ''
