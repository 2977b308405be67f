# wrong use
ckpt-info 2>&1 | head -n 1
ckpt-info --check --tensors run
echo $?
ckpt-info --tensor=3 run 2>&1 | head -n 1
ckpt-info a b
