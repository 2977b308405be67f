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
# rf-eval: unknown or ambiguous option '--bitch'
# Try 'rf-eval --help'.
