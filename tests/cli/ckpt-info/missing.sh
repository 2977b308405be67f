ckpt-info none
#err
# ckpt-info: cannot open folder 'none': No such file or directory
#exit 1
