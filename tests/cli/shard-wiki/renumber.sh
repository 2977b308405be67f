# A text that was encoded in parts is packed as the whole text is: documents count on over the parts. So do those of a
# part with one document and of one without any, and a document of several records stays one.
sed -s '$G' "$CORPUS" >text
wp-train -q --size 3000 -o vocab.txt text
cut=$(awk '/^$/ { n++ } n == 40 { print NR; exit }' text) next=$(awk '/^$/ { n++ } n == 41 { print NR; exit }' text)
{ sed -n "1,${cut}p" text; yes '가 나 다 라' | head -n 270000; echo; } >0.txt
sed -n "$((cut + 1)),${next}p" text >1.txt
: >2.txt
sed -n "$((next + 1)),\$p" text >3.txt
for i in 0 1 2 3; do wp-encode -q -o $i.rfs $i.txt; done
cat 0.txt 1.txt 2.txt 3.txt | wp-encode -q -o whole.rfs
for join in --no-join --join; do
    shard-wiki $join --train whole --eval whole-eval whole.rfs
    shard-wiki $join --renumber --train parts --eval parts-eval [0-3].rfs
    cat [0-3].rfs | shard-wiki $join --renumber --train cat --eval cat-eval
    shard-wiki $join --train old --eval old-eval [0-3].rfs
    cmp whole parts && cmp whole-eval parts-eval && cmp whole cat && cmp whole-eval cat-eval && echo equal
    cmp -s whole-eval old-eval || echo without --renumber: not
done
shard-cat --count 0.rfs 1.rfs 2.rfs
#out
# equal
# without --renumber: not
# equal
# without --renumber: not
# 43
