# wrong use
ckpt-info 2>&1 | head -n 1
ckpt-info --check --tensors run
echo $?
ckpt-info --tensor=3 run 2>&1 | head -n 1
ckpt-info a b
#out
# ckpt-info: missing operand: folder
# 2
# ckpt-info: option '--tensors' takes no value
#err
# ckpt-info: only one of --tensors and --check
# ckpt-info: unexpected operand 'b'
# Try 'ckpt-info --help'.
#exit 2
