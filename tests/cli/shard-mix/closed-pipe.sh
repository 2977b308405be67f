. "$ROOT/tests/cli/shard-mix/inputs.inc"
shard-mix -n 1M two.rfs six.rfs | head -c 1000 >cut
echo "${PIPESTATUS[0]}"
shard-cat --check cut; echo $?
