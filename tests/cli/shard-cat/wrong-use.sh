f=$ROOT/tests/golden/shard/good/0002-sequences.rfs
shard-cat --info --check "$f"; echo $?
shard-cat --check --head 3 "$f"; echo $?
shard-cat --count -V vocab.txt "$f"; echo $?
shard-cat --head x "$f"; echo $?
shard-cat --head 1 --to 2 "$f"; echo $?
shard-cat --from 3 --to 2 "$f"; echo $?
shard-cat --format raw -V vocab.txt "$f"; echo $?
shard-cat --format csv "$f"; echo $?
shard-cat --nonsense "$f"; echo $?
