# files one after the other, standard input among them, compressed or not, streams in a row
xml=$ROOT/tests/golden/wiki/ko.xml
wiki-text "$xml" >want
gzip -c "$xml" >a.gz
xz -c "$xml" >a.xz
zstd -qc "$xml" >a.zst
# multistream: the head, some pages, the end, each a bzip2 stream of its own
{
    sed -n '1,/<\/siteinfo>/p' "$xml" | bzip2
    sed '1,/<\/siteinfo>/d; /<\/mediawiki>/d' "$xml" | bzip2
    sed -n '/<\/mediawiki>/p' "$xml" | bzip2
} >a.bz2
for f in a.gz a.xz a.zst a.bz2; do wiki-text $f | cmp - want && echo $f; done
wiki-text a.gz - a.bz2 <"$xml" | cmp - <(cat want want want) && echo three
cat "$xml" "$xml" | wiki-text | cmp - <(cat want want) && echo two
#out
# a.gz
# a.xz
# a.zst
# a.bz2
# three
# two
