# Where a text may be cut, and that its parts are all of it. A part that begins with a title must not have a second blank
# line before it in the whole text.
cut=$ROOT/pipelines/cut
parts() { # FILE: each part, its line ends shown
    local n=0 file from bytes head
    "$cut" "${2:-99}" "$1" >list
    while IFS=$'\t' read -r file from bytes head; do
        echo "$n: $(tail -c +$((from + 1)) "$file" | head -c "$bytes" | tr '\n\r' '|<')"
        n=$((n + 1))
    done <list
    awk -F '\t' '{ n += $3 } END { print n }' list | sed "s/\$/ bytes of $(stat -c %s "$1")/"
}
printf 'a\nb\n\nc\nd\n\n\ne\nf\n' >blank # e has no title
printf 'a\n \n\nb\n\n \n\nc\n' >white    # a line of white space is blank too
printf 'a\n\343\200\200\n\nb\n\n\302\240\n\nc\n\341\232\200\n\nd' >wide
printf 'a\r\n\r\nb\r\n\r\n\r\nc\r\n' >crlf
printf '\n\na\n\n\n\n' >ends
printf 'one line only' >one
printf '%s\n' a b c >lines
: >empty
for f in blank white wide crlf ends one lines; do
    echo "== $f"
    parts $f
done

echo == compressed
{
    echo '<mediawiki><siteinfo/>' | bzip2
    for i in 1 2 3 4; do echo "  <page>$i</page>" | bzip2; done
    echo '</mediawiki>' | bzip2
} >multi.bz2
"$cut" 99 multi.bz2 | cut -f 1,4 | uniq -c | sed 's/^ *//'
"$cut" 99 multi.bz2 | awk '{ if (FNR > 1 && $2 != end) print "gap"; end = $2 + $3 } END { print end }' | cmp - <(stat -c %s multi.bz2)
{ echo '<mediawiki><page>' | bzip2; echo '1</page>' | bzip2; } >blocks.bz2 # as a parallel bzip2 cuts
for f in gzip bzip2 xz zstd; do $f -c blank >$f.packed; done
for f in *.packed blocks.bz2; do "$cut" 99 $f | wc -l; done

echo == several
"$cut" 9 blank lines crlf | cut -f 1-3
echo == wrong use
"$cut" 0 blank
"$cut" 3
"$cut" 3 none
"$cut" 3 .
"$cut" 3 empty
"$cut" 3 <(cat blank) 2>&1 | sed 's/[0-9]*'"'"' is/N'"'"' is/'
#out
# == blank
# 0: a|b||
# 1: c|d||
# 2: |e|f|
# 15 bytes of 15
# == white
# 0: a| ||b||
# 1:  ||c|
# 13 bytes of 13
# == wide
# 0: a|　||b||
# 1:  ||c| ||d
# 22 bytes of 22
# == crlf
# 0: a<|<|b<|<|
# 1: <|c<|
# 15 bytes of 15
# == ends
# 0: ||a||
# 1: ||
# 7 bytes of 7
# == one
# 0: one line only
# 13 bytes of 13
# == lines
# 0: a|b|c|
# 6 bytes of 6
# == compressed
# 5 multi.bz2	63
# 1
# 1
# 1
# 1
# 1
# == several
# blank	0	10
# blank	10	5
# lines	0	6
# crlf	0	15
# == wrong use
# cut: '/dev/fd/N' is no plain file: what comes through a pipe cannot be cut
#err
# cut: usage: cut PARTS FILE...
# cut: usage: cut PARTS FILE...
# cut: there is no file 'none'
# cut: '.' is no plain file: what comes through a pipe cannot be cut
# cut: there is nothing in 'empty'
