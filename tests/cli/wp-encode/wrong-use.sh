cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

wp-encode --format 2>&1 | head -n 1
wp-encode -f text </dev/null 2>&1 | head -n 1
wp-encode --invalid=drop </dev/null 2>&1 | head -n 1
wp-encode -j 1024 </dev/null 2>&1 | head -n 1
wp-encode --lower-case=yes </dev/null 2>&1 | head -n 1
wp-encode --no-such </dev/null
#out
# wp-encode: option '--format' needs a value
# wp-encode: bad value 'text' for 'format': must be shard, ids, pieces, jsonl
# wp-encode: bad value 'drop' for 'invalid': must be refuse, replace
# wp-encode: bad value '1024' for 'threads': must be 0 to 1023
# wp-encode: option '--lower-case' takes no value
#err
# wp-encode: unknown option '--no-such'
# Try 'wp-encode --help'.
#exit 2
