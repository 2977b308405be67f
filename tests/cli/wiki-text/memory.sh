# a hostile page of the largest size: 14 MB that nothing simplifies, in bounded memory
limit() { ldd "$BIN/wiki-text" | grep -q san || ulimit -v "$1"; } # sanitizers need more
page() {
    printf '<mediawiki><page><title>a</title><ns>0</ns><revision><text>'
    yes "$1" | head -c 14000000 | iconv -cf UTF-8 -t UTF-8
    printf '</text></revision></page></mediawiki>'
}
for text in '{{a|' '[[a|' "''a '" '(b' '== c ==' ' ' '{{lang|de|d}}, ' '{|' '&lt;ref&gt;' 'plain text'; do
    page "$text" | (limit 400000; wiki-text -j1 >out) || echo "$text"
done
wc -l <out
