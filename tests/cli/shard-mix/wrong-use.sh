. "$ROOT/tests/cli/shard-mix/inputs.inc"
shard-mix; echo $?
shard-mix two.rfs=; echo $?
shard-mix two.rfs=x; echo $?
shard-mix two.rfs=-1 six.rfs; echo $?
shard-mix two.rfs=0 six.rfs; echo $?
shard-mix -n 5 --from 6 two.rfs; echo $?
shard-mix --shuffle two.rfs; echo $?
