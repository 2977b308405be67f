wp-train --size 0 </dev/null 2>&1 | head -n 1
wp-train --size 12x </dev/null 2>&1 | head -n 1
wp-train --min-frequency 2T </dev/null 2>&1 | head -n 1
wp-train --limit-alphabet 2000000 </dev/null 2>&1 | head -n 1
wp-train --no-such </dev/null
#out
# wp-train: bad value '0' for 'size': must be 1 to 2147483647
# wp-train: bad value '12x' for 'size': not a number with a unit it knows
# wp-train: bad value '2T' for 'min-frequency': must be 1 to 1000000000000
# wp-train: bad value '2000000' for 'limit-alphabet': must be 1 to 1114112
#err
# wp-train: unknown option '--no-such'
# Try 'wp-train --help'.
#exit 2
