# A vocabulary may hold control characters; in JSON each is \u and four digits, never \t, and masking can draw
# such a token.
printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]' 나 $'x\t\x1f"' >vocab.txt
for _ in $(seq 50); do echo 나; done | wp-encode -q | shard-wiki --max-len 60 |
    mask-tokens --rate 1 --mask-part 0 --random-part 1 | shard-cat -f jsonl -V vocab.txt >lines
grep -qF '"x\u0009\u001f\""' lines || cat lines
