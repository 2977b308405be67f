# [MASK]s are filled in, the rest stays as it is; -k lists instead
. "$ROOT/tests/cli/rf-fill/model.inc"
cat >q.txt <<'END'
the sky [MASK] [MASK] .

  no mask,  two  spaces
the snow is [MASK] .
서울은 [MASK] 수도이다.
END
rf-fill q.txt
rf-fill <q.txt | cmp - <(rf-fill -m run/step-00000300 -o out.txt q.txt && cat out.txt) && echo same
rf-fill -k 1 q.txt | cut -f 1-3
rf-fill -k 3 -j 1 q.txt | awk -F '\t' '{ print NF, ($4 >= $6 && $6 >= $8 && $4 + $6 + $8 < 1.0002) ? "falling" : $0 }'
rf-fill -k 1000 q.txt | awk -F '\t' '{ s = 0; for (i = 4; i <= NF; i += 2) s += $i; print (s > 0.99 && s < 1.01) ? "one" : s, (NF - 2) / 2 }' | sort -u | wc -l
rf-fill -q -v q.txt >/dev/null
printf '{"text":"the sky is [MASK] ."}\n' | rf-fill --jsonl text
printf '%s\n' '{"text":"the sky is [MASK] .\nthe snow is [MASK] ."}' '{"text":"the snow [MASK] [MASK] ."}' | rf-fill --jsonl text -k 1 | cut -f 1,2
printf 'the sky is [MASK] .\r\nno mask\r\n' | rf-fill
#out
# the sky is blue .
#
#   no mask,  two  spaces
# the snow is white .
# 서울은 한국의 수도이다.
# same
# 1	1	is
# 1	2	blue
# 4	1	white
# 5	1	한국의
# 8 falling
# 8 falling
# 8 falling
# 8 falling
# 1
# the sky is blue .
#
# 1	1
# 1	2
# 2	1
# 2	2
# the sky is blue .
# no mask
