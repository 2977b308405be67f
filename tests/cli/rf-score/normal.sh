# fields: log-probability, tokens, perplexity; what the model knows by heart is likelier than what it does not
. "$ROOT/tests/cli/rf-score/model.inc"
printf '%s\n' 'the sky' 'sky the' '' '서울은 한국의 수도이다.' >lines.txt
rf-score lines.txt >scores.txt
cut -f 2 scores.txt
awk -F '\t' '{ p[NR] = $1 } END { print (p[1] > p[2] + 1) }' scores.txt
awk -F '\t' '$2 { print (exp(-$1 / $2) - $3) ^ 2 < 1e-4 * $3 ^ 2 }' scores.txt
# line by line as in batches, at any number of threads
rf-score --batch 1 -j 1 lines.txt | cmp - scores.txt
cat lines.txt | rf-score --json -o scores.json
sed -E 's/-[0-9.]+/X/g' scores.json
printf '{"t":"the sky\\nis high"}\n{"t":"the grass"}\n' | rf-score --jsonl t | wc -l
#out
# 2
# 2
# 0
# 4
# 1
# 1
# 1
# 1
# {"line":1,"scores":[{"logprob":X,"tokens":2,"bytes":7}]}
# {"line":2,"scores":[{"logprob":X,"tokens":2,"bytes":7}]}
# {"line":3,"scores":[{"logprob":0.0,"tokens":0,"bytes":0}]}
# {"line":4,"scores":[{"logprob":X,"tokens":4,"bytes":33}]}
# 3
