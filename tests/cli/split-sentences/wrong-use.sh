split-sentences --max-quote </dev/null 2>&1 | head -n 1
split-sentences --max-quote=-1 </dev/null 2>&1 | head -n 1
split-sentences --max-quote 12x </dev/null 2>&1 | head -n 1
split-sentences --titles=no </dev/null 2>&1 | head -n 1
split-sentences --no-such </dev/null
#out
# split-sentences: option '--max-quote' needs a value
# split-sentences: bad value '-1' for 'max-quote': must be 0 to 1000000000
# split-sentences: bad value '12x' for 'max-quote': not a number with a unit it knows
# split-sentences: option '--titles' takes no value
#err
# split-sentences: unknown option '--no-such'
# Try 'split-sentences --help'.
#exit 2
