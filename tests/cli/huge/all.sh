# memory does not follow the text, whatever it is; more of it: make check-huge
# slow
ldd "$BIN/wp-encode" | grep -q san && { echo 'sanitizers need more memory' >&2; exit 77; }
"$ROOT/tests/huge" "$BIN" 20 wp-encode wp-train >log || cat log
grep -cv FAIL log
#out
# 24
