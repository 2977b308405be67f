cp "$ROOT/tests/golden/wordpiece/vocab.txt" .
golden=$ROOT/tests/golden/wordpiece

# ids, tokens and places, as Hugging Face's Encoding has them
printf '나는 [MASK] "x\\y"\n\n가a[MASK]b\342\200\213c 訓民\n' | wp-encode -f jsonl
printf '가 나\n\n' | wp-encode -f jsonl --cls-sep
printf '"\\\n[UNK]\n\001\n' >odd
printf '"\\ \n' | wp-encode -f jsonl -V odd
declare -A flags=([plain]= [lower]=--lower-case [strip]=--strip-accents [both]='--lower-case --strip-accents')
for name in plain lower strip both; do
    # shellcheck disable=SC2086
    wp-encode -q -f jsonl -V "$golden/hard-vocab.txt" ${flags[$name]} "$golden/cases.txt" |
        sed 's/.*"offsets":\[//; s/\]}$//; s/\],\[/ /g; s/[][]//g; s/,/-/g' | cmp - "$golden/cases-$name.offsets" && echo same
done
wp-encode -f jsonl -j 1 "$CORPUS" >one
wp-encode -f jsonl -j 3 "$CORPUS" | cmp - one && echo same
sed 's/.*"ids":\[\([0-9,]*\)\].*/\1/; s/,/ /g' one | cmp - <(wp-encode -f ids "$CORPUS") && echo same ids
wp-encode -f jsonl --normalize nfc "$CORPUS" 2>&1 | head -n 1
#out
# {"ids":[357,1322,4,5,1,1,71,5],"pieces":["나","##는","[MASK]","\"","[UNK]","[UNK]","y","\""],"offsets":[[0,1],[1,2],[3,9],[10,11],[11,12],[12,13],[13,14],[14,15]]}
# {"ids":[],"pieces":[],"offsets":[]}
# {"ids":[229,1627,4,49,1418,199,144],"pieces":["가","##a","[MASK]","b","##c","訓","民"],"offsets":[[0,1],[1,2],[2,8],[8,9],[10,11],[12,13],[13,14]]}
# {"ids":[2,229,357,3],"pieces":["[CLS]","가","나","[SEP]"],"offsets":[[0,0],[0,1],[2,3],[0,0]]}
# {"ids":[],"pieces":[],"offsets":[]}
# {"ids":[1,1],"pieces":["[UNK]","[UNK]"],"offsets":[[0,1],[1,2]]}
# same
# same
# same
# same
# same
# same ids
# wp-encode: --format jsonl gives places in the text as it was read, so it does not go with --normalize: compose the text first
