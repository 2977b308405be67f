# a large wiki comes in parts, which are read in their order
. "$ROOT/tests/cli/corpus/site.inc"
mkdir -p site/enwiki/20260101
for i in 1 2 10; do
    part=site/enwiki/20260101/enwiki-20260101-pages-articles-multistream$i.xml-p${i}p9.bz2
    printf '<mediawiki><page><title>%s</title><ns>0</ns><revision><text>a</text></revision></page></mediawiki>' $i | bzip2 >"$part"
    entries+=("$(entry "$part")")
done
index=site/enwiki/20260101/enwiki-20260101-pages-articles-multistream-index1.txt-p1p9.bz2
echo 1 | bzip2 >"$index"
status enwiki 20260101 done "$(entry "$index")" "${entries[2]}" "${entries[0]}" "${entries[1]}"
serve
corpus enwiki
cat out/enwiki.txt
#out
# 1
# a
#
# 2
# a
#
# 10
# a
#
