mkdir empty
ckpt-info empty
