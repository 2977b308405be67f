# the sum over lines is what rf-eval says of them; a text is as likely as its beginning and what follows it
. "$ROOT/tests/cli/rf-score/model.inc"
printf '%s\n' 'the sky is blue .' 'it is high .' '한국의 수도이다.' >lines.txt
sed G lines.txt | wp-encode -q | shard-wiki -q --max-len 48 -o lines.rfs
rf-score --end lines.txt | awk -F '\t' '{ p += $1; n += $2 } END { printf "%d %.4f\n", n, -p / n }'
rf-eval lines.rfs | awk 'NR == 2 { printf "%d %.4f\n", $3, $4 }'
{ echo 'the sky is' | rf-score; echo 'blue .' | rf-score --prefix 'the sky is'; echo 'the sky is blue .' | rf-score; } |
    awk -F '\t' '{ p[NR] = $1 } END { print (p[1] + p[2] - p[3]) ^ 2 < 1e-8 }'
# longer than the model: in pieces, every token once
yes 'the sky' | head -n 60 | paste -sd ' ' | rf-score | cut -f 2
#out
# 15 2.1819
# 15 2.1819
# 1
# 120
