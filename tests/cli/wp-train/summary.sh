wp-train -v --size 2500 --limit-alphabet 500 "$CORPUS" 2>log | wc -l
sed 's/, [0-9.]* s, .*/, TIME/' log
wp-train --size 100 "$CORPUS" | wc -l
