namu-text --tables some </dev/null 2>&1 | head -n 1
namu-text --strike 2>&1 | head -n 1
namu-text --output </dev/null 2>&1 | head -n 1
namu-text --invalid drop </dev/null 2>&1 | head -n 1
namu-text --no-such </dev/null
#out
# namu-text: bad value 'some' for 'tables': must be drop, cells
# namu-text: option '--strike' needs a value
# namu-text: option '--output' needs a value
# namu-text: bad value 'drop' for 'invalid': must be refuse, replace
#err
# namu-text: unknown option '--no-such'
# Try 'namu-text --help'.
#exit 2
