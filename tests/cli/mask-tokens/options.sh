mask-tokens --help
#out
# usage: mask-tokens [options] [file ...]
# Hide a share of the tokens of sequence shards.
#
#   -o, --output file            shard to write (standard output)
#       --rate share             share of the ordinary tokens that get a label
#                                (0.15)
#       --mask-part share        share of these that becomes [MASK] (0.8)
#       --random-part share      share of these that becomes a random token (0.1)
#       --electra                take ELECTRA's two parts: 85% [MASK], 0 random
#       --whole-word             choose words, with all their pieces
#       --span n                 longest run of tokens or words that is chosen at
#                                once (1)
#   -V, --vocab file             vocabulary of the shard; only --whole-word needs
#                                it (vocab.txt)
#   -s, --seed n                 seed of the choice (1)
#       --epoch n                another number makes another choice, for another
#                                epoch (0)
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
# Defaults are in parentheses. The whole story: man mask-tokens
