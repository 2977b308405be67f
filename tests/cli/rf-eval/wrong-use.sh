# nothing is read
rf-eval
echo $?
rf-eval --bitch eval.rfs
echo $?
#out
# 2
# 2
#err
# rf-eval: missing operand: [name=]shard ...
# Try 'rf-eval --help'.
# rf-eval: unknown option '--bitch', did you mean '--batch'?
# Try 'rf-eval --help'.
