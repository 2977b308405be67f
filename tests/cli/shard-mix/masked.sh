# Masked shards of two lengths: labels come along, the larger length stays.
. "$ROOT/tests/cli/shard-mix/inputs.inc"
shard-wiki -l 24 --no-provenance "$good/0019-forty-documents.rfs" | mask-tokens -o long.rfs
mask-tokens -o short.rfs six.rfs
cat <(shard-cat long.rfs) <(shard-cat short.rfs) | sort -u >all
shard-mix -n 40 long.rfs short.rfs=0.1 >mix.rfs
shard-cat mix.rfs | sort -u | comm -23 - all
shard-cat --info mix.rfs
