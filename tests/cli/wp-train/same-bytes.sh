# neither threads nor the order of lines nor files change the result
wp-train -j 1 --size 3000 --limit-alphabet 500 "$CORPUS" >one
wp-train -j 3 --size 3000 --limit-alphabet 500 "$CORPUS" | cmp - one && echo same
tac "$CORPUS" | wp-train -j 2 --size 3000 --limit-alphabet 500 | cmp - one && echo same
head -n 1000 "$CORPUS" >a
tail -n +1001 "$CORPUS" | zstd -q >b.zst
wp-train --size 3000 --limit-alphabet 500 b.zst a | cmp - one && echo same
wp-train --size 3K --limit-alphabet 500 -o two "$CORPUS" && cmp one two && ls
#out
# same
# same
# same
# a
# b.zst
# one
# two
#err
# wp-train: 796 of 1296 characters are past --limit-alphabet: they are 4.897 % of the text, and are cut out of its words
# wp-train: 796 of 1296 characters are past --limit-alphabet: they are 4.897 % of the text, and are cut out of its words
# wp-train: 796 of 1296 characters are past --limit-alphabet: they are 4.897 % of the text, and are cut out of its words
# wp-train: 796 of 1296 characters are past --limit-alphabet: they are 4.897 % of the text, and are cut out of its words
# wp-train: 796 of 1296 characters are past --limit-alphabet: they are 4.897 % of the text, and are cut out of its words
