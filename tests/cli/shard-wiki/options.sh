shard-wiki --help
#out
# usage: shard-wiki [options] [file ...]
# Pack the sentences of token shards to sequences.
#
#   -l, --max-len n              most tokens of a sequence, with [CLS] and [SEP]
#                                (512)
#   -o, --output file            shard for all sequences (standard output)
#       --train file             shard for training; --eval names the other one
#       --eval file              shard for evaluation; --train names the other one
#       --eval-share share       share of the documents that is kept for
#                                evaluation (0.1)
#       --join                   let a sequence go on with the next document, so
#                                that all are full
#       --renumber               count the documents over all files, which were
#                                encoded apart
#       --shuffle                put the sequences in random order
#       --shards n               write n files, named NAME-00000-of-0000n.rfs and
#                                so on (1)
#       --memory size            memory for --shuffle and --shards; what is more
#                                goes to temporary files (256M)
#   -s, --seed n                 seed of --eval-share and --shuffle (1)
#       --coding name            how ids are stored: packed is smaller, plain is
#                                faster (packed)
#       --no-provenance          do not write into the shard which tools and
#                                options made it
#   -h, --help                   print this help
#       --version                print the version
#   -q, --quiet                  print no progress and no remarks, only errors
#   -v, --verbose                print the closing summary even if stderr is no
#                                terminal
#       --completion shell       print what makes bash or zsh complete these
#                                options
#
# Defaults are in parentheses. The whole story: man shard-wiki
