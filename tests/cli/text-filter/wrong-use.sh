text-filter --near </dev/null 2>&1 | head -n 1
text-filter --near 2 </dev/null 2>&1 | head -n 1
text-filter --window 1 </dev/null 2>&1 | head -n 1
text-filter --shingle 0 </dev/null 2>&1 | head -n 1
text-filter --overlap word </dev/null 2>&1 | head -n 1
text-filter --min-hangul 120% </dev/null 2>&1 | head -n 1
text-filter -m much </dev/null 2>&1 | head -n 1
text-filter --report - </dev/null 2>&1 | head -n 1
text-filter --report - --signatures-out - </dev/null 2>&1 | head -n 1
text-filter --signatures-out a --after b </dev/null 2>&1 | head -n 1
text-filter --signatures-out a -o b </dev/null 2>&1 | head -n 1
text-filter --dup-lines --after b </dev/null 2>&1 | head -n 1
text-filter --no-such </dev/null
#out
# text-filter: option '--near' needs a value
# text-filter: bad value '2' for 'near': must be 0 to 1
# text-filter: bad value '1' for 'window': must be 2 to 1000
# text-filter: bad value '0' for 'shingle': must be 1 to 1000
# text-filter: bad value 'word' for 'overlap': must be document, line
# text-filter: bad value '120%' for 'min-hangul': must be 0 to 1
# text-filter: bad value 'much' for 'memory': not a number with a unit it knows
# text-filter: the report and the text cannot both go to standard output
# text-filter: the report and the text cannot both go to standard output
# text-filter: --signatures-out goes with neither --output nor --after
# text-filter: --signatures-out goes with neither --output nor --after
# text-filter: --dup-lines needs the whole text: signatures do not know lines
#err
# text-filter: unknown option '--no-such'
# Try 'text-filter --help'.
#exit 2
