cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

wp-encode -o tokens.rfs "$CORPUS"
cat tokens.rfs tokens.rfs tokens.rfs | wp-decode | head -c 1 | wc -c
wp-decode tokens.rfs | true
echo "${PIPESTATUS[0]}"
ls
#out
# 1
# 141
# tokens.rfs
# vocab.txt
