mask-tokens --help
#out
# usage: mask-tokens [options] [file ...]
# Hide a share of the tokens of sequence shards.
#
#   -o, --output file            masked sequences (standard output)
#       --rate share             ordinary tokens that get a label (0.15)
#       --mask-part share        of these, those that become [MASK] (0.8)
#       --random-part share      of these, those that become a random token (0.1)
#       --electra                parts as ELECTRA has them: 85% and 0
#       --whole-word             choose words, with all their pieces
#       --span n                 choose up to n tokens or words in a row (1)
#   -V, --vocab file             vocabulary, for --whole-word (vocab.txt)
#   -s, --seed n                 seed of the choice (1)
#       --epoch n                another epoch, another choice (0)
#       --coding name            of ids in the shard: packed is smaller, plain faster: plain, packed (packed)
#       --no-provenance          not: write tools and options so far into the shard
#   -h, --help                   print this
#       --version                print the version
#   -q, --quiet                  no progress, no remarks; errors only
#   -v, --verbose                print the closing summary always
#       --completion shell       print completion for bash or zsh
#
# Defaults are in parentheses. The whole story: man mask-tokens
