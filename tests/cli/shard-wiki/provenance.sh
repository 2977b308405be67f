cd "$ROOT/tests/golden/shard/good" || exit
shard-wiki -l 24 0019-forty-documents.rfs | shard-cat --info
shard-wiki --no-provenance 0019-forty-documents.rfs | shard-cat --info
