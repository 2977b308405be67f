# Several shards: together they are what one is, cut evenly.
in=$ROOT/tests/golden/shard/good/0019-forty-documents.rfs
shard-wiki -l 24 -o one.rfs "$in"
shard-wiki -l 24 --shards 4 -o all.rfs "$in"
shard-cat all-0000?-of-00004.rfs | cmp - <(shard-cat one.rfs) && echo the same sequences
for f in all-*; do echo "$f $(shard-cat --count "$f")"; done
shard-cat --info all-00002-of-00004.rfs | tail -n 1
shard-wiki -l 24 --shards 3 --shuffle --train t.rfs --eval e "$in"
ls
shard-wiki -l 24 --shards 256 -o many.rfs "$in" && cat many-* | shard-cat | cmp - <(shard-cat one.rfs) && echo some of no sequence
rm -f all-*
head -c -1 "$in" | shard-wiki -l 24 --shards 4 -o all.rfs; echo $?
ls | grep -c all
