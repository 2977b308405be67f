shard-mix --help
#out
# usage: shard-mix [options] file[=weight] ...
# Mix shards by weight.
#
#   -o, --output file            shard to write (standard output)
#   -n, --records n              records of the mix; 0: as many as all files hold
#                                together (0)
#       --from n                 leave out the records before this one (0)
#   -s, --seed n                 seed of the choice and the order (1)
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
# Defaults are in parentheses. The whole story: man shard-mix
