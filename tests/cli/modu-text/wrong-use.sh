modu-text --marks some </dev/null 2>&1 | head -n 1
modu-text --jsonl 2>&1 | head -n 1
modu-text --keep-going=yes </dev/null 2>&1 | head -n 1
modu-text --invalid drop </dev/null 2>&1 | head -n 1
modu-text --no-such </dev/null
#out
# modu-text: bad value 'some' for 'marks': must be drop, clean, keep
# modu-text: option '--jsonl' needs a value
# modu-text: option '--keep-going' takes no value
# modu-text: bad value 'drop' for 'invalid': must be refuse, replace
#err
# modu-text: unknown option '--no-such'
# Try 'modu-text --help'.
#exit 2
