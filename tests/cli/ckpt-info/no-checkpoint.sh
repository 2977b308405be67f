mkdir empty
ckpt-info empty
echo $?
ckpt-info --check empty
#out
# 1
#err
# ckpt-info: no checkpoint in folder 'empty'
# ckpt-info: no checkpoint in folder 'empty'
#exit 1
