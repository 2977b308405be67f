shard-mix --help
#out
# usage: shard-mix [options] file[=weight] ...
# Mix shards by weight.
#
#   -o, --output file            the mix (standard output)
#   -n, --records n              records of the mix; 0: as many as all files hold (0)
#       --from n                 leave out the records before this one (0)
#   -s, --seed n                 seed of choice and order (1)
#       --coding name            of ids in the shard: packed is smaller, plain faster: plain, packed (packed)
#       --no-provenance          not: write tools and options so far into the shard
#   -h, --help                   print this
#       --version                print the version
#   -q, --quiet                  no progress, no remarks; errors only
#   -v, --verbose                print the closing summary always
#       --completion shell       print completion for bash or zsh
#
# Defaults are in parentheses. The whole story: man shard-mix
