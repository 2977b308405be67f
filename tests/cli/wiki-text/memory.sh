# hostile pages of the largest size, 16 MB that nothing simplifies, one after the other: 128 MB at most
# slow
fits() { # sanitizers need more
    ldd "$BIN/wiki-text" | grep -q san ||
        sed -n 's/.*peak \([0-9]*\).*/\1/p' err | awk '$1 > 128 { print "peak", $1 }'
}
page() {
    printf '<page><title>a</title><ns>0</ns><revision><text>'
    yes "$1" | head -c 15900000 | iconv -cf UTF-8 -t UTF-8
    printf '</text></revision></page>'
}
for text in '{{a|' '{{{a|' '[[a|' "''a '" '(b' '== c ==' ' ' '{{lang|de|d}}, ' '{|' '&lt;ref&gt;' 'plain text'; do
    { printf '<mediawiki>'; page "$text"; page "$text"; printf '</mediawiki>'; } >dump
    wiki-text -v -j3 dump 2>err >out && fits || cat err
done
wc -l <out
{
    printf '{"title":"a","x":['
    yes '{},' | tr -d '\n' | head -c 10000002
    printf '1],"text":"'
    yes '\uac00' | tr -d '\n' | head -c 5999994
    printf '"}\n'
} >dump
wiki-text -v --cirrus dump 2>err >out && fits || cat err
wc -c <out
{ printf '<mediawiki>'; page 'zb' | tr z '\377'; printf '</mediawiki>'; } >dump
wiki-text -q --invalid replace dump
#out
# 6
# 3000001
#err
# wiki-text: a page in 'dump', byte 59, is larger than 16777216 bytes with its bad bytes replaced
#exit 1
