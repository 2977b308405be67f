namu-text --tables some </dev/null 2>&1 | head -n 1
namu-text --strike 2>&1 | head -n 1
namu-text --output </dev/null 2>&1 | head -n 1
namu-text --invalid drop </dev/null 2>&1 | head -n 1
namu-text --no-such </dev/null
