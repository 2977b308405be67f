# A missing file is an error before any work, also behind a good one.
cd "$ROOT/tests/golden/shard/good" || exit
shard-cat 0002-sequences.rfs missing.rfs; echo $?
shard-cat /; echo $?
shard-cat -V missing.txt 0002-sequences.rfs; echo $?
