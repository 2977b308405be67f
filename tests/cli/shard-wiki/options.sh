shard-wiki --help
#out
# usage: shard-wiki [options] [file ...]
# Pack the sentences of token shards to sequences.
#
#   -l, --max-len n              most tokens of a sequence, [CLS] and [SEP] included (512)
#   -o, --output file            all sequences (standard output)
#       --train file             sequences for training, with --eval
#       --eval file              sequences for evaluation, with --train
#       --eval-share share       documents for evaluation (0.1)
#       --shuffle                put sequences in random order
#       --shards n               write n files: NAME-00000-of-0000n.rfs (1)
#       --memory size            for --shuffle and --shards; the rest goes to disk (256M)
#   -s, --seed n                 seed of both choices (1)
#       --coding name            of ids in the shard: packed is smaller, plain faster: plain, packed (packed)
#       --no-provenance          not: write tools and options so far into the shard
#   -h, --help                   print this
#       --version                print the version
#   -q, --quiet                  no progress, no remarks; errors only
#   -v, --verbose                print the closing summary always
#       --completion shell       print completion for bash or zsh
#
# Defaults are in parentheses. The whole story: man shard-wiki
