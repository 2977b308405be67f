# Several shards: together they are what one is, cut evenly.
in=$ROOT/tests/golden/shard/good/0019-forty-documents.rfs
shard-wiki -l 24 -o one.rfs "$in"
shard-wiki -l 24 --shards 4 -o all.rfs "$in"
shard-cat all-0000?-of-00004.rfs | cmp - <(shard-cat one.rfs) && echo the same sequences
for f in all-*; do echo "$f $(shard-cat --count "$f")"; done
shard-cat --info all-00002-of-00004.rfs | tail -n 1
shard-wiki -l 24 --shards 3 --shuffle --train t.rfs --eval e "$in"
ls
shard-wiki -l 24 --shards 81 -o many.rfs "$in" && cat many-* | shard-cat | cmp - <(shard-cat one.rfs) && echo each of one sequence
rm -f all-*
head -c -1 "$in" | shard-wiki -l 24 --shards 4 -o all.rfs; echo $?
ls | grep -c all
#out
# the same sequences
# all-00000-of-00004.rfs 20
# all-00001-of-00004.rfs 20
# all-00002-of-00004.rfs 20
# all-00003-of-00004.rfs 21
# provenance: shard-wiki 0.1.0 max-len=24 eval-share=0.1 join=false shuffle=false shards=4 seed=1 part=all shard=2
# all-00000-of-00004.rfs
# all-00001-of-00004.rfs
# all-00002-of-00004.rfs
# all-00003-of-00004.rfs
# e-00000-of-00003
# e-00001-of-00003
# e-00002-of-00003
# one.rfs
# t-00000-of-00003.rfs
# t-00001-of-00003.rfs
# t-00002-of-00003.rfs
# each of one sequence
# 1
# 0
#err
# shard-wiki: 'standard input' is cut off at byte 1299: its end frame is missing
#exit 1
