split-sentences --max-quote </dev/null 2>&1 | head -n 1
split-sentences --max-quote=-1 </dev/null 2>&1 | head -n 1
split-sentences --max-quote 12x </dev/null 2>&1 | head -n 1
split-sentences --titles=no </dev/null 2>&1 | head -n 1
split-sentences --no-such </dev/null
