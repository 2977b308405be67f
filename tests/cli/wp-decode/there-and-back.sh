cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

# shard and ids give the same text, and its ids are the same again
wp-encode -o tokens.rfs "$CORPUS"
wp-decode tokens.rfs >text
wp-encode -f ids "$CORPUS" | wp-decode --ids | cmp - text && echo same
wp-encode -f ids text | cmp - <(wp-encode -f ids "$CORPUS") && echo same
cat tokens.rfs tokens.rfs | wp-decode | cmp - <(cat text text) && echo same
wp-decode tokens.rfs tokens.rfs | cmp - <(cat text text) && echo same
