# A shard is a Zstandard stream: any decompressor takes it, and the payload is what the manual says.
cd "$ROOT/tests/golden/shard/good" || exit
for f in *.rfs; do zstd -q -t "$f" || echo "$f"; done
zstd -dc 0005-masked.rfs | od -An -v -t u1 -w8
shard-wiki --no-provenance --coding plain --max-len 6 0003-tokens.rfs | zstd -dc | od -An -v -t u1 -w8
shard-wiki --max-len 6 0019-forty-documents.rfs | zstd -q -t || echo packed
#out
#    0   0   0   0   0   0   0   0
#    1   0   0   0   0   0   0   0
#    5   0   0   0   3   0   0   0
#    2   0   0   0   0   0   0   0
#    1   0   2   0  10   0  12   0
#    2   0   4   0  11   0   4   0
#    3   0   2   0  13   0   3   0
#    0   0   0   0   0   0   0   0
#    1   0   0   0   0   0   0   0
#    6   0   0   0   3   0   0   0
#    2   0  10   0  11   0   3   0
#   12   0   3   0   2   0  13   0
#    3   0
