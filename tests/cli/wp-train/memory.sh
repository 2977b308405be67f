# past the limit words go to a temporary file that leaves nothing behind; the result is the same
seq -f %.0f 100000 160000 | sed 's/./&가/3' >text
wp-train -q --size 3000 text "$CORPUS" text >one
for j in 1 2 5; do wp-train -q -j $j --memory 1M --size 3000 -o two text "$CORPUS" text && cmp one two && echo same; done
wp-train --counts-out one --memory 1G text "$CORPUS" text
wp-train --counts-out two --memory 1M text "$CORPUS" text && cmp one two && echo same
wp-train --counts --memory 1M --counts-out two one && cmp one two && echo same
TMPDIR=none wp-train -q --memory 1M text
TMPDIR=none wp-train -q --memory 1M -o two text && echo beside the output
wp-train --memory 1000 text 2>&1 | head -n 1
ls -A
