modu-text --marks some </dev/null 2>&1 | head -n 1
modu-text --jsonl 2>&1 | head -n 1
modu-text --keep-going=yes </dev/null 2>&1 | head -n 1
modu-text --invalid drop </dev/null 2>&1 | head -n 1
modu-text --no-such </dev/null
