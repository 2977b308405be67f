in=$ROOT/tests/golden/shard/good/0003-tokens.rfs
shard-wiki --train t.rfs "$in"; echo $?
shard-wiki --eval e.rfs "$in"; echo $?
shard-wiki --train t.rfs --eval e.rfs -o o.rfs "$in"; echo $?
shard-wiki --max-len 2 "$in"; echo $?
shard-wiki --eval-share 110% "$in"; echo $?
shard-wiki --shards 2 "$in"; echo $?
shard-wiki --shards 257 -o o.rfs "$in"; echo $?
shard-wiki --shuffle --memory 1K "$in"; echo $?
shard-wiki --sort "$in"; echo $?
ls
