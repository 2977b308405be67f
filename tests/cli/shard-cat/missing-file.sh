# A missing file is an error before any work, also behind a good one.
cd "$ROOT/tests/golden/shard/good" || exit
shard-cat 0002-sequences.rfs missing.rfs; echo $?
shard-cat /; echo $?
shard-cat -V missing.txt 0002-sequences.rfs; echo $?
#out
# 1
# 1
# 1
#err
# shard-cat: cannot open 'missing.rfs': No such file or directory
# shard-cat: cannot read '/': it is a folder
# shard-cat: cannot open 'missing.txt': No such file or directory
