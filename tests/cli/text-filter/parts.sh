# A text that is filtered in parts, each after the signatures of those before it, is what the whole text leaves, at
# whichever ends of documents it is cut; also where memory is full. Documents that are nearly alike lie in different parts.
sed -s '$G' "$CORPUS" >one
{ cat one; sed '2~7s/$/ 끝./' one; printf '가.\n\n\n다나.\n라마.\n\n'; cat one; printf '제목\n가.\n'; } >text
head -n 40 one >test
borders() { awk -v every="$1" '{ at += length($0) + 1 } /^$/ && full && ++n % every == 0 { print at } { full = NF > 0 }' text; }
cut_at() { # BORDER...
    local from=0 to
    rm -f part.*
    for to in "$@" "$(stat -c %s text)"; do
        head -c "$to" text | tail -c +$((from + 1)) >part.$n
        from=$to n=$((n + 1))
    done
}
in_parts() { # OPTIONS
    local i
    rm -f sig.* kept.*
    for ((i = n - 1; i >= 0; i--)); do text-filter "$@" --signatures-out sig.$i part.$i; done
    for ((i = n - 1; i >= 0; i--)); do
        text-filter -q "$@" --after <(for ((j = 0; j < i; j++)); do cat sig.$j; done) -o kept.$i part.$i
    done
    text-filter -q "$@" text >whole
    for ((i = 0; i < n; i++)); do cat kept.$i; done | cmp - whole && echo "$n parts: equal, $(grep -c . whole) lines"
}
export LC_ALL=C # bytes, where awk counts
for every in 300 97; do
    n=0
    # shellcheck disable=SC2046
    cut_at $(borders $every)
    in_parts
    in_parts --near 0
    in_parts --no-dup-docs --near 60% --shingle 5 --min-line 20 --min-doc 200 --not-in test
    in_parts --lines --min-line 9
    in_parts -m 200K
done
after() { text-filter -q -m 200K --after - part.2 | wc -l; }
after <part.1
text-filter -q --after sig.1 --near 70% part.2
head -c 900 sig.1 | after
{ head -c 900 sig.1; printf '?'; tail -c +902 sig.1; } | after
{ cat sig.0; sed '1s/RFSIGNS1/RFSIGNS2/' sig.1; } | after
text-filter -q --after none part.2
text-filter -q --signatures-out none/sig part.2
#out
# 2 parts: equal, 2834 lines
# 2 parts: equal, 4277 lines
# 2 parts: equal, 2682 lines
# 2 parts: equal, 1975 lines
# 2 parts: equal, 4277 lines
# 5 parts: equal, 2834 lines
# 5 parts: equal, 4277 lines
# 5 parts: equal, 2682 lines
# 5 parts: equal, 1975 lines
# 5 parts: equal, 4277 lines
# 0
# 0
# 0
# 0
#err
# text-filter: 'standard input' has no signatures at byte 0
# text-filter: the signatures in 'sig.1' were made with other options
# text-filter: 'standard input' is cut off at byte 900
# text-filter: checksum wrong in 'standard input' before byte 50570
# text-filter: 'standard input' has no signatures at byte 50570
# text-filter: cannot open 'none': No such file or directory
# text-filter: cannot create 'none/sig': No such file or directory
#exit 1
