# bench_text.sh: training a vocabulary and encoding, beside Hugging Face tokenizers and others; the peers'
# figures are of their own work alone, ours have starting, reading and writing in them.
# shellcheck shell=bash
. "$ROOT/tests/bench/lib.sh"

script=$ROOT/tests/bench/peer_tokenizers.py
peer() { "$PYTHON" "$script" "$@"; }
lacks() { sort -u "$1" | comm -23 - <(sort -u "$2") | wc -l; } # tokens of $1 that $2 has not
farthest() { # the most tokens that $1 has and one of the others lacks
    for other in "${@:2}"; do lacks "$1" "$other"; done | sort -n | tail -n 1
}
hf='tokenizers 0.23.3'
bills
text

# training, on all of it
size=$(stat -c %s "$WORK/bills.txt")
vocab=$WORK/text.vocab
what="wp-train, 22,000 tokens of $((size / 1000000)) MB, 2 threads"
t=$(best 3 wp-train -j 2 -o "$vocab" "$WORK/bills.txt")
memory=$(peak wp-train -j 2 -o "$vocab" "$WORK/bills.txt")
if need tokenizers==0.23.3; then
    runs=("$WORK"/theirs-{1,2,3,4}.vocab)
    theirs=$(peer train "$WORK/bills.txt" "${runs[@]}")
    row "$what" "$t" s "$hf" "${theirs% *}"
    row 'its peak memory' "$memory" MB "$hf" "${theirs#* }"
    row 'its tokens that one of their vocabularies lacks, at most' "$(farthest "$vocab" "${runs[@]}")" '' \
        "$hf, among four runs" "$(for run in "${runs[@]}"; do farthest "$run" "${runs[@]}"; done | sort -n | tail -n 1)"
else
    row "$what" "$t" s
    row 'its peak memory' "$memory" MB
fi

# encoding
size=$(stat -c %s "$WORK/text.txt")
wp-encode -q -V "$vocab" -f ids "$WORK/text.txt" >"$WORK/text.ids"
for threads in 1 2; do
    what="wp-encode, $threads thread(s)"
    rate=$(rate "$size" "$(best 3 wp-encode -j $threads -V "$vocab" "$WORK/text.txt")")
    [ $threads = 2 ] || row "$what" "$rate" MB/s 'wc -w, C.UTF-8' "$(rate "$size" "$(best 3 wc -w "$WORK/text.txt")")"
    for package in tokenizers==0.23.3 flash-tokenizer==1.2.0 budtiktok==0.1.0 nanotoken==0.1.0 tokie==0.1.4 blingfire==0.1.8 \
        sentencepiece==0.2.3; do
        name=${package%==*}
        need $package || continue
        theirs=$(peer encode "${name//-/_}" "$WORK/text.txt" "$vocab" $threads)
        row "$what" "$rate" MB/s "$name ${package#*==}" "${theirs% *}"
        case $threads$name in
        1tokenizers | 1flash-tokenizer | 1budtiktok | 1nanotoken | 1tokie) # which have this vocabulary
            row 'lines whose ids are not those of wp-encode' '' '' "$name ${package#*==}" \
                "$(peer differ "${name//-/_}" "$WORK/text.txt" "$vocab" "$WORK/text.ids")" ;;
        esac
    done
done
# passes FILE WHAT: beside those that keep what they have made of each word they met; ours knows no word at first
passes() {
    local size threads first more rate
    size=$(stat -c %s "$1")
    for threads in 1 2; do
        rate=$(rate "$size" "$(best 5 wp-encode -q -j $threads -V "$vocab" -o /dev/null "$1")")
        need nanotoken==0.1.0 || continue
        read -r first more < <(peer passes nanotoken "$1" "$vocab" $threads)
        row "wp-encode, $threads thread(s), $2" "$rate" MB/s 'nanotoken 0.1.0, first pass' "$first"
        row "wp-encode, $threads thread(s), $2" "$rate" MB/s 'nanotoken 0.1.0, best of two more' "$more"
    done
}
passes "$WORK/bills.txt" 'all of bills.txt'
if mixed; then
    passes "$WORK/mixed.txt" 'mixed text of many words'
    passes "$WORK/mixed8.txt" 'the same eight times over'
fi
size=$((2 * $(stat -c %s "$WORK/bills.txt"))) # starting and ending count for little
encode() { wp-encode -q -V "$vocab" -o /dev/null "$@"; }
alone() { encode -j 1 "$@"; }
threads() { encode -j 2 "$@"; }
apart() { encode -j 1 "$1" & encode -j 1 "$2" && wait $!; } # what the machine gives to two that share nothing
for i in 1 2 3 4 5 6 7 8 9; do # by turns, as the machine has its moods
    for how in alone threads apart; do echo "$how $(best 1 $how "$WORK/bills.txt" "$WORK/bills.txt")"; done
done >"$WORK/turns"
median() { rate "$size" "$(sed -n "s/^$1 //p" "$WORK/turns" | sort -n | sed -n 5p)"; }
row 'wp-encode, all of bills.txt twice, 2 threads, median' "$(median threads)" MB/s '1 thread' "$(median alone)"
row 'the same' "$(median threads)" MB/s '2 processes' "$(median apart)"
row 'its peak memory' "$(peak wp-encode -V "$vocab" "$WORK/bills.txt")" MB
