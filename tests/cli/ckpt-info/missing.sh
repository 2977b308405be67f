ckpt-info none
