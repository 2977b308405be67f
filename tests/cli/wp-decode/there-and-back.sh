cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

# shard and ids give the same text, and its ids are the same again
{ cat "$CORPUS"; echo; } | cat -s >corpus
wp-encode -o tokens.rfs corpus
wp-decode tokens.rfs >text
wp-encode -f ids corpus >ids
wp-decode --ids ids | cmp - text && echo same
wp-encode -f ids text | cmp - ids && echo same
cat tokens.rfs tokens.rfs | wp-decode | cmp - <(cat text text) && echo same
wp-decode tokens.rfs tokens.rfs | cmp - <(cat text text) && echo same
#out
# same
# same
# same
# same
