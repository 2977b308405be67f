# A vector a line, in order; as text, JSON lines and an array of NumPy.
. "$ROOT/tests/cli/rf-predict/model.inc"
printf '%s\n' '꽃 이 크다' '소' '' '달 는 크다 별 는 작다 해 는 크다 달 는 크다 별 는 작다 해 는 크다' >text
rf-embed text | awk -F '\t' '{ print NF }'
rf-embed -f jsonl text | head -n 1 | sed -E 's/[-0-9.,e]{9,}/X/'
rf-embed -f npy -o text.npy text
head -c 128 text.npy | tail -c +9 | tr -d '\0' | tail -c +3
stat -c %s text.npy
od -An -v -w128 -t f4 -j 128 text.npy | head -n 1 | awk '{ print NF }'
cmp <(rf-embed text | tr '\t' '\n' | cut -c 1-5) <(od -An -v -w4 -t f4 -j 128 text.npy | awk '{ printf "%.6g\n", $1 }' | cut -c 1-5) && echo the same
for b in 1 64; do rf-embed --pool first --batch $b text | tr '\t' '\n' | cut -c 1-5 >batch$b; done
cmp batch1 batch64 && cmp -s batch1 <(rf-embed text | tr '\t' '\n' | cut -c 1-5) || echo the mean is another vector
rf-embed -f npy text | cat
rf-embed -v text 2>&1 >/dev/null | cut -d , -f 1,2
printf '{"text":"꽃"}\n' | rf-embed --jsonl text | wc -l
#out
# 32
# 32
# 32
# 32
# {"vector":[X]}
# 'descr': '<f4', 'fortran_order': False, 'shape': (4, 32), }                                                         
# 640
# 32
# the same
# the mean is another vector
# rf-embed: 4 lines, 1 cut
# 1
#err
# rf-embed: npy needs the number of lines first: write to a file
