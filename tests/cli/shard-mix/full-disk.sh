. "$ROOT/tests/cli/shard-mix/inputs.inc"
shard-mix -o /dev/full two.rfs; echo $?
shard-mix two.rfs six.rfs >/dev/full; echo $?
