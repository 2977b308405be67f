# wrong use
rf-convert 2>&1 | head -n 1
rf-convert m.safetensors
echo $?
mkdir run
rf-convert -c x.yaml -o y run
rf-convert --compat reformer-pytorch-1.4.4 -o y m.safetensors
rf-convert --compat 2.0 -o y run
#out
# rf-convert: missing operand: safetensors | checkpoint
# 2
#err
# rf-convert: -o names no output
# rf-convert: -c and -V are for weights that are read: 'run' is a run
# rf-convert: --compat is for writing: 'm.safetensors' is no folder
# rf-convert: bad value '2.0' for 'compat': must be none, reformer-pytorch-1.1.3, reformer-pytorch-1.4.4
# Try 'rf-convert --help'.
#exit 2
