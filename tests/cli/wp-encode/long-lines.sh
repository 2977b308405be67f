cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

# a line may have any length: it is read in parts, and memory does not follow it
tokens() { wp-encode -f ids "$@" | tr ' ' '\n' | sed '/^$/d'; }
for _ in $(seq 60); do cat "$CORPUS"; done >text
tr '\n' ' ' <text >one
cmp <(tokens one) <(tokens text) && echo same
wp-encode -f ids one | wc -l
wp-encode -j 3 -f ids one | cmp - <(wp-encode -j 1 -f ids one) && echo same
# a document of over a million tokens becomes two records of one number
wp-encode one | shard-cat --check
wp-encode one | shard-cat -f jsonl | sed 's/,.*//'
cmp <(wp-encode one | shard-cat -f text | tr ' ' '\n' | sed '/^$/d') <(tokens one) && echo same
(head -c 30000000 /dev/zero | tr '\0' a; echo ' 가') >word
(head -c 30000000 /dev/zero | tr '\0' ' '; echo 나) >spaces
ldd "$BIN/wp-encode" | grep -q san || ulimit -v 400000 # sanitizers need more
wp-encode -j 1 -f pieces word spaces
#out
# same
# 1
# same
# ok: records 3, tokens 2443440, labels 0, frames 3, parts 1
# {"doc":0
# {"doc":0
# {"doc":0
# same
# [UNK] 가
# 나
