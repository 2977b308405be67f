# The text form of each kind; several files are one shard, and so is what cat makes of them.
cd "$ROOT/tests/golden/shard/good" || exit
shard-cat 0003-tokens.rfs
shard-cat 0005-masked.rfs
shard-cat 0002-sequences.rfs 0014-frames.rfs
echo --
cat 0002-sequences.rfs 0014-frames.rfs | shard-cat
