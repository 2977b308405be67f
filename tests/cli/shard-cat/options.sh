shard-cat --help
#out
# usage: shard-cat [options] [file ...]
# Print, describe, check, cut and join shards.
#
#   -o, --output file            file to write (standard output)
#   -f, --format name            form in which records are printed: text, jsonl,
#                                npy, raw, shard (text)
#   -V, --vocab file             print the tokens of this vocabulary, not ids
#       --info                   print the header and the totals, not the records
#       --check                  check every byte and print one line if all are
#                                right
#       --count                  print only the number of records
#       --coding name            how ids are stored: packed is smaller, plain is
#                                faster (packed)
#       --no-provenance          do not write into the shard which tools and
#                                options made it
#   -n, --head n                 stop after n records; 0: never (0)
#       --from n                 begin at this record; the first one is 0 (0)
#       --to n                   stop before this record; 0: never (0)
#   -h, --help                   print this help
#       --version                print the version
#   -q, --quiet                  print no progress and no remarks, only errors
#   -v, --verbose                print the closing summary even if stderr is no
#                                terminal
#       --completion shell       print what makes bash or zsh complete these
#                                options
#
# Defaults are in parentheses. The whole story: man shard-cat
