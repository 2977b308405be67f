cp "$ROOT/tests/golden/wordpiece/vocab.txt" .
golden=$ROOT/tests/golden/wordpiece

# ids, tokens and places, as Hugging Face's Encoding has them
printf '나는 [MASK] "x\\y"\n\n가a[MASK]b\342\200\213c 訓民\n' | wp-encode -f jsonl
printf '가 나\n\n' | wp-encode -f jsonl --cls-sep
printf '"\\\n[UNK]\n\001\n' >odd
printf '"\\ \n' | wp-encode -f jsonl -V odd
for name in plain lower; do
    flag=--$name-case
    wp-encode -q -f jsonl -V "$golden/hard-vocab.txt" ${flag#--plain-case} "$golden/cases.txt" |
        sed 's/.*"offsets":\[//; s/\]}$//; s/\],\[/ /g; s/[][]//g; s/,/-/g' | cmp - "$golden/cases-$name.offsets" && echo same
done
wp-encode -f jsonl -j 1 "$CORPUS" >one
wp-encode -f jsonl -j 3 "$CORPUS" | cmp - one && echo same
sed 's/.*"ids":\[\([0-9,]*\)\].*/\1/; s/,/ /g' one | cmp - <(wp-encode -f ids "$CORPUS") && echo same ids
wp-encode -f jsonl --normalize nfc "$CORPUS" 2>&1 | head -n 1
