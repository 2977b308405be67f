text-filter --near </dev/null 2>&1 | head -n 1
text-filter --near 2 </dev/null 2>&1 | head -n 1
text-filter --window 1 </dev/null 2>&1 | head -n 1
text-filter --shingle 0 </dev/null 2>&1 | head -n 1
text-filter --overlap word </dev/null 2>&1 | head -n 1
text-filter --min-hangul 120% </dev/null 2>&1 | head -n 1
text-filter -m much </dev/null 2>&1 | head -n 1
text-filter --report - </dev/null 2>&1 | head -n 1
text-filter --no-such </dev/null
