# Shards with classes mix if the classes are the same.
cd "$ROOT/tests/golden/shard/good" || exit
shard-mix -n 4 0030-classes.rfs 0034-packed-classes.rfs | shard-cat --info | grep '^class\|^kind\|^labels'
shard-mix -n 2 0029-qa.rfs | shard-cat
shard-mix -n 2 0030-classes.rfs 0029-qa.rfs
echo $?
shard-mix -n 2 0003-tokens.rfs
#out
# kind: classes
# class: 좋음
# class: very bad
# labels: 4
# 2 10 3 11 12 3	3-4	4-4
# 2 10 3 13 3	3-3	0-0
# 1
#err
# shard-mix: '0029-qa.rfs' differs in kind or vocabulary from '0030-classes.rfs'
# shard-mix: '0003-tokens.rfs' holds records of kind tokens, not sequences
#exit 1
