wp-train --size 0 </dev/null 2>&1 | head -n 1
wp-train --size 12x </dev/null 2>&1 | head -n 1
wp-train --min-frequency 2T </dev/null 2>&1 | head -n 1
wp-train --limit-alphabet 2000000 </dev/null 2>&1 | head -n 1
wp-train --no-such </dev/null
