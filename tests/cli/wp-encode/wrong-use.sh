cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

wp-encode --format 2>&1 | head -n 1
wp-encode -f text </dev/null 2>&1 | head -n 1
wp-encode --invalid=drop </dev/null 2>&1 | head -n 1
wp-encode -j 1024 </dev/null 2>&1 | head -n 1
wp-encode --lower-case=yes </dev/null 2>&1 | head -n 1
wp-encode --no-such </dev/null
