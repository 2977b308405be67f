shard-cat --help
#out
# usage: shard-cat [options] [file ...]
# Print, describe, check, cut and join shards.
#
#   -o, --output file            what is printed (standard output)
#   -f, --format name            how records are printed: text, jsonl, npy, raw, shard (text)
#   -V, --vocab file             print tokens of this vocabulary, not ids
#       --info                   print the header and totals
#       --check                  print one line if every byte is right
#       --count                  print the number of records
#       --coding name            of ids in the shard: packed is smaller, plain faster: plain, packed (packed)
#       --no-provenance          not: write tools and options so far into the shard
#   -n, --head n                 stop after n records; 0: at the end (0)
#       --from n                 first record, counted from 0 (0)
#       --to n                   stop before this record; 0: at the end (0)
#   -h, --help                   print this
#       --version                print the version
#   -q, --quiet                  no progress, no remarks; errors only
#   -v, --verbose                print the closing summary always
#       --completion shell       print completion for bash or zsh
#
# Defaults are in parentheses. The whole story: man shard-cat
