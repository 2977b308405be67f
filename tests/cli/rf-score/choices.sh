# the best of several endings: by total, by token, by byte
. "$ROOT/tests/cli/rf-score/model.inc"
printf 'the sky is\tgreen .\tblue .\nthe grass is\tgreen .\tblue .\n서울은 한국의\t수도이다.\t수도\t\n' >choices.txt
rf-score --choices choices.txt | cut -f 1-3
rf-score --choices --json choices.txt | sed -E 's/-[0-9.]+/X/g'
rf-score --choices --batch 1 choices.txt | cmp - <(rf-score --choices choices.txt)
#out
# 2	2	2
# 1	1	1
# 3	1	1
# {"line":1,"best":[2,2,2],"scores":[{"logprob":X,"tokens":2,"bytes":7},{"logprob":X,"tokens":2,"bytes":6}]}
# {"line":2,"best":[1,1,1],"scores":[{"logprob":X,"tokens":2,"bytes":7},{"logprob":X,"tokens":2,"bytes":6}]}
# {"line":3,"best":[3,1,1],"scores":[{"logprob":X,"tokens":2,"bytes":13},{"logprob":X,"tokens":1,"bytes":6},{"logprob":0.0,"tokens":0,"bytes":0}]}
