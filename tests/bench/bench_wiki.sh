# bench_wiki.sh: wiki-text beside wikiextractor: speed, and the words that only one of them keeps.
# shellcheck shell=bash
. "$ROOT/tests/bench/lib.sh"

shopt -s nullglob
dumps=("$ROOT"/../shared/data/dumps/*.xml.bz2)
if [ ${#dumps[@]} = 0 ]; then
    echo 'bench: no sample dumps; skipped' >&2
    exit 0
fi
row 'peak memory of wiki-text' "$(peak wiki-text "${dumps[@]}")" MB
need wikiextractor==3.1.0 || exit 0
script=$ROOT/tests/bench/peer_wikiextractor.py
"$PYTHON" "$script" "$BIN/wiki-text" speed "${dumps[@]}" >"$WORK/wiki.speed"
"$PYTHON" "$script" "$BIN/wiki-text" "${dumps[@]}" show >"$WORK/wiki.words"
name='wikiextractor 3.1.0'
row 'wiki-text, processor time of one core' "$(awk '$1 == "wiki-text" { print $2 }' "$WORK/wiki.speed")" MB/s \
    "$name" "$(awk '$1 == "wikiextractor" { print $2 }' "$WORK/wiki.speed")"
total() { awk -v back="$1" 'NR > 1 && !/^    / { n += $(NF - back) } END { print n }' "$WORK/wiki.words"; }
row 'words of its text' "$(total 4)" '' "$name" "$(total 3)"
row 'of these only its own' "$(total 1)" '' "$name" "$(total 0)"

# lost SIDE: a line a page with the runs of words that only this side has
lost() {
    awk -v side="    $1: " '
        NR > 1 && !/^    / { sub(/( +[0-9]+)+$/, ""); page = $0; next }
        index($0, side) == 1 { before = page in words ? words[page] " · " : ""; words[page] = before substr($0, length(side) + 1) }
        END { for (page in words) print "- " page ": " words[page] }' "$WORK/wiki.words" | sort
}
printf '\nOnly wiki-text keeps:\n\n'
lost ours
printf '\nOnly %s keeps:\n\n' "$name"
lost theirs
