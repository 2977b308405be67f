# past the limit words go to temporary files that leave nothing behind; the result is the same
seq -f %.0f 100000 400000 | sed 's/./&가/3' >text
wp-train -q --size 3000 text "$CORPUS" text >one
for j in 1 2 5; do wp-train -q -j $j --memory 41M --size 3000 -o two text "$CORPUS" text && cmp one two && echo same; done
# the whole run, as the system sees it; sanitizers need more, and so do the stacks of threads
(
    ldd "$BIN/wp-train" | grep -q san || ulimit -v 100000
    wp-train -q -j 1 --memory 41M --size 3000 -o two text "$CORPUS" text && cmp one two && echo same
    tr '\n' ' ' <text | wp-train -q -j 1 --memory 41M --size 3000 --report fit -o two - "$CORPUS" text && cmp one two && echo same
)
wp-train --counts-out one --memory 1G text "$CORPUS" text
wp-train --counts-out two --memory 50M text "$CORPUS" text && cmp one two && echo same
wp-train --counts --memory 50M --counts-out two one && cmp one two && echo same
TMPDIR=none wp-train -q --memory 50M text
TMPDIR=none wp-train -q --memory 50M -o two text && echo beside the output
wp-train --memory 1000 text 2>&1 | head -n 1
wp-train --memory 45M text 2>&1 | head -n 1
wp-train --memory 64M --size 1M text 2>&1 | head -n 1
# a word has its limit too, told the same way wherever it stands
head -c 1100000 /dev/zero | tr '\0' a >word
{ echo; echo 가; cat word; echo ' 나'; } | wp-train -q -o two
{ seq 100000; cat word; } | tr '\n' ' ' | wp-train -q -o two
{ cat word; printf '\t2\n'; } | wp-train -q -o two --counts
{ cat word; printf '\t2\n'; } | wp-train -q --memory 2G --size 100 --counts | tail -n 1 | wc -c
ls -A
#out
# same
# same
# same
# same
# same
# same
# same
# beside the output
# wp-train: bad value '1000' for 'memory': must be 1048576 to 1e+15
# wp-train: --memory must be 46M at least for --size 22000
# wp-train: --memory must be 285M at least for --size 1000000
# 1100001
# fit
# one
# text
# two
# word
#err
# wp-train: cannot create a temporary file in 'none': No such file or directory
# wp-train: a word of 1048576 bytes or more in 'standard input', up to line 3
# wp-train: a word of 1048576 bytes or more in 'standard input', up to line 1
# wp-train: a word of 1048576 bytes or more in 'standard input', up to line 1
