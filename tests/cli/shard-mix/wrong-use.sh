. "$ROOT/tests/cli/shard-mix/inputs.inc"
shard-mix; echo $?
shard-mix two.rfs=; echo $?
shard-mix two.rfs=x; echo $?
shard-mix two.rfs=-1 six.rfs; echo $?
shard-mix two.rfs=0 six.rfs; echo $?
shard-mix -n 5 --from 6 two.rfs; echo $?
shard-mix --shuffle two.rfs; echo $?
#out
# 2
# 2
# 2
# 2
# 2
# 2
# 2
#err
# shard-mix: missing operand: file[=weight] ...
# Try 'shard-mix --help'.
# shard-mix: 'two.rfs=' has no weight above 0 behind its '='
# shard-mix: 'two.rfs=x' has no weight above 0 behind its '='
# shard-mix: 'two.rfs=-1' has no weight above 0 behind its '='
# shard-mix: 'two.rfs=0' has no weight above 0 behind its '='
# shard-mix: --from is behind --records
# shard-mix: unknown option '--shuffle'
# Try 'shard-mix --help'.
