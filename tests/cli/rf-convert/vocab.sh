# the vocabulary's special tokens go into the checkpoint
{ printf '[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n'; seq 15; } >vocab.txt
rf-convert -V vocab.txt -o run "$ROOT/tests/golden/reformer/state113.safetensors"
ckpt-info run | grep -E 'mask|vocab'
echo '1 2 [MASK] 3' | rf-fill -m run | wc -l
#out
# vocab_size: 20
# vocab_digest: 7a0cdc40cea1ede49bbb8a270190640f
# 1
