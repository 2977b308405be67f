cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

wp-decode --jsonl 2>&1 | head -n 1
wp-decode --ids=1 </dev/null 2>&1 | head -n 1
wp-decode --no-such </dev/null
#out
# wp-decode: option '--jsonl' needs a value
# wp-decode: option '--ids' takes no value
#err
# wp-decode: unknown option '--no-such'
# Try 'wp-decode --help'.
#exit 2
