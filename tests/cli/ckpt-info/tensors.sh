# a table of the weights, into a file
cp -r "$ROOT/tests/golden/checkpoint/v1" run
ckpt-info --tensors -o table run && cat table && ls
#out
# tensor	shape	count	min	mean	max	rms
# bias	2	2	-0.5	0	0.5	0.5
# word	6x8	48	0	11.75	23.5	13.6397
# run
# table
