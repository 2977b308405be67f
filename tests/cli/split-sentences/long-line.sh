# a line past the limit is refused, whatever is in it, in memory of its length
limit() { ldd "$BIN/split-sentences" | grep -q san || ulimit -v 200000; } # sanitizers need more
for text in ' ' '가나 다. ' a; do
    for tool in split-sentences text-filter; do
        yes "$text" | tr -d '\n' | head -c 67200000 | (limit; $tool -o out)
    done
done
ls
#err
# split-sentences: line 1 of 'standard input' is longer than 64 MiB
# text-filter: line 1 of 'standard input' is longer than 64 MiB
# split-sentences: line 1 of 'standard input' is longer than 64 MiB
# text-filter: line 1 of 'standard input' is longer than 64 MiB
# split-sentences: line 1 of 'standard input' is longer than 64 MiB
# text-filter: line 1 of 'standard input' is longer than 64 MiB
