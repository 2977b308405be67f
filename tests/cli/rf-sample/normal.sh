# what it knows by heart, from an operand, from lines, from JSON lines; the end of a document
. "$ROOT/tests/cli/rf-sample/model.inc"
rf-sample --greedy 'the sky'
rf-sample --greedy $'the grass\nthe'
printf '%s\n' '서울' 'the sky is' | rf-sample --greedy -o out.txt
cat out.txt
echo '{"id": 1, "q": "the grass\nthe grass is"}' | rf-sample --greedy --jsonl q
rf-sample --greedy -n 3 'the sky'
rf-sample --greedy --stop 'blue' 'the sky'
rf-sample -v -q --greedy --stop ' high .' 'the sky'
#out
# the sky
# the sky is blue.
# it is high.
# the grass
# the grass is green.
# 서울
# 서울은 한국의 수도이다.
#
# the sky is blue.
# it is high.
# the grass
# the grass is green.
# the sky
# the sky
# the sky
# the sky is 
# the sky
# the sky is blue.
# it is high.
