# [CLS] line [SEP] line [SEP] ..., never across documents, long lines cut, empty ones left out
cd "$ROOT/tests/golden/shard/good" || exit
shard-wiki -v -l 24 0019-forty-documents.rfs 2>"$OLDPWD/summary" | shard-cat
sed 's/, [0-9.]* s, .*//' "$OLDPWD/summary"
shard-wiki -l 4 0003-tokens.rfs | shard-cat
