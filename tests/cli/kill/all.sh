# whenever a tool is killed, its files are whole, old or absent, and the next run gives the same bytes
# slow
ASAN_OPTIONS=detect_leaks=0 # what is killed while it looks for leaks says so
"$ROOT/tests/kill" "$BIN" work 20 >log || cat log
grep -c 'all well' log
#out
# 10
