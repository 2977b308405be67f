# whenever a tool is killed, its files are whole, old or absent, and the next run gives the same bytes
# slow
"$ROOT/tests/kill" "$BIN" work 20 >log || cat log
grep -c 'all well' log
