echo text >file
ckpt-info file
#err
# ckpt-info: cannot open folder 'file': Not a directory
#exit 1
