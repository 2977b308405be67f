# Classes in the order of the lines, whatever is computed together; reports; other forms.
. "$ROOT/tests/cli/rf-predict/model.inc"
printf '%s\n' '꽃 이 크다' '소' '' '별 은 작다' '달 는 크다 별 는 작다 해 는 크다' >text
rf-predict text | cut -f 1
rf-predict --all text | awk -F '\t' '{ d = $3 + $4 + $5; if (d < 0.99999 || d > 1.00001 || NF != 5) print "no probabilities: " $0 }'
rf-predict --json --all text | head -n 1 | sed -E 's/0\.[0-9]+/X/g'
rf-predict --json text | head -n 1 | sed -E 's/0\.[0-9]+/X/g'
for b in 1 3 64; do rf-predict --batch $b <(cat train.tsv | cut -f 2) text | sed -E 's/[0-9]{2}$//' >batch$b; done
cmp batch1 batch3 && cmp batch1 batch64 && wc -l <batch1
rf-predict --labels train.tsv
printf '동물\t꽃 이 크다\n' | rf-predict --labels -o lines - | head -n 3
cut -f 1 lines
printf '{"s":"소 가 작다","label":"x"}\n' | rf-predict --jsonl --text s | cut -f 1
#out
# 식물
# 동물
# 하늘
# 하늘
# 하늘
# {"class":"식물","probability":X,"probabilities":{"동물":X,"식물":X,"하늘":X}}
# {"class":"식물","probability":X}
# 77
# examples	72
# accuracy	1.0000
# macro_f1	1.0000
#
# class	examples	precision	recall	f1
# 동물	24	1.0000	1.0000	1.0000
# 식물	24	1.0000	1.0000	1.0000
# 하늘	24	1.0000	1.0000	1.0000
#
# right\said	동물	식물	하늘
# 동물	24	0	0
# 식물	0	24	0
# 하늘	0	0	24
# examples	1
# accuracy	0.0000
# macro_f1	0.0000
# 식물
# 동물
