f=$ROOT/tests/golden/shard/good/0002-sequences.rfs
shard-cat --info --check "$f"; echo $?
shard-cat --check --head 3 "$f"; echo $?
shard-cat --count -V vocab.txt "$f"; echo $?
shard-cat --head x "$f"; echo $?
shard-cat --nonsense "$f"; echo $?
