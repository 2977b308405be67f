# the same bytes for any number of threads
{
    sed -n '1,/<\/siteinfo>/p' "$ROOT/tests/golden/wiki/ko.xml"
    for i in $(seq 3000); do
        echo "<page><title>글 $i</title><ns>0</ns><revision><text>[[가|나 $i]] {{lang|de|$i}}{{x$((i % 7))}}</text></revision></page>"
        [ $((i % 500)) != 0 ] || sed '1,/<\/siteinfo>/d; /<\/mediawiki>/d' "$ROOT/tests/golden/wiki/ko.xml"
    done
    echo '</mediawiki>'
} >dump
wiki-text -j1 --report r1 dump >one
wc -l <one
for j in 2 3 8; do wiki-text -j$j --report r$j dump | cmp - one && cmp r1 r$j && echo $j; done
# however it arrives
(while IFS= read -r -N 7001 part || [ -n "$part" ]; do printf %s "$part"; done <dump) | wiki-text | cmp - one && echo pieces
#out
# 9144
# 2
# 3
# 8
# pieces
