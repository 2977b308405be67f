# A pipe that cuts the stream anywhere makes no difference, nor does the number of files.
in=$ROOT/tests/golden/shard/good/0019-forty-documents.rfs
shard-wiki -l 24 -o whole.rfs "$in"
dd status=none bs=1 if="$in" | shard-wiki -l 24 -o bytes.rfs
cmp whole.rfs bytes.rfs && shard-cat --check bytes.rfs
#out
# ok: records 81, tokens 1400, labels 0, frames 1, parts 1
