cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

# decomposed Hangul: said once, and composed where asked for; special tokens stay
printf '\341\204\200\341\205\241 [MASK]\341\204\200\341\205\241\n\341\204\200 \341\205\241\n' >text
wp-encode -f pieces text
wp-encode -q -f pieces text
wp-encode -f pieces --normalize nfc text
printf '가 \341\204\200\n' | wp-encode -f pieces
printf '[MAS\342\204\252] x\n' | wp-encode -f ids --normalize nfc | wc -w
wp-encode -f ids --normalize nfc "$CORPUS" | cmp - <(wp-encode -f ids "$CORPUS") && echo same
wp-encode --normalize nfkc text 2>&1 | head -n 1
#out
# [UNK] [MASK] [UNK]
# [UNK] [UNK]
# [UNK] [MASK] [UNK]
# [UNK] [UNK]
# 가 [MASK] 가
# [UNK] [UNK]
# 가 [UNK]
# 4
# same
# wp-encode: bad value 'nfkc' for 'normalize': must be none, nfc; did you mean 'nfc'?
#err
# wp-encode: Hangul syllables are decomposed into letters here: --normalize nfc composes them
