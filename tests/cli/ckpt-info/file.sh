echo text >file
ckpt-info file
