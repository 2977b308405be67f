# Labels put back where they stood give the sequences that went in.
shard-wiki -l 24 "$ROOT/tests/golden/shard/good/0019-forty-documents.rfs" >seq.rfs
mask-tokens --rate 50% seq.rfs | shard-cat | awk -F '\t' '{
    n = split($1, ids, " ")
    m = split($2, labels, " ")
    for (i = 1; i <= m; i++) { split(labels[i], pair, ":"); ids[pair[1] + 1] = pair[2] }
    for (i = 1; i <= n; i++) printf "%s%s", ids[i], i < n ? " " : "\n"
}' >back
shard-cat seq.rfs | cmp - back && echo all back
#out
# all back
