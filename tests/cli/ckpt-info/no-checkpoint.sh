mkdir empty
ckpt-info empty
echo $?
ckpt-info --check empty
