# word counts: counted apart, merged, trained on; large ones rank right
head -n 1000 "$CORPUS" >a
tail -n +1001 "$CORPUS" >b
wp-train --counts-out a.counts a
wp-train --counts-out b.counts b
wp-train --counts-out all.counts "$CORPUS"
wp-train --counts --counts-out - b.counts a.counts | cmp - all.counts && echo same
LC_ALL=C sort -c -k 1,1 -t "$(printf '\t')" all.counts && echo sorted
wp-train --size 3000 --limit-alphabet 500 "$CORPUS" >vocab.txt
wp-train --counts --size 3000 --limit-alphabet 500 a.counts - <b.counts | cmp - vocab.txt && echo same
printf '%s\t%s\n' ab 2147483647 cd 2147483648 ef 2147483649 gh 4294967295 ij 4294967296 kl 4294967297 op 2 >large
wp-train -q --counts large | tail -n 7 | paste -sd' '
printf '%s\t%s\n' op 4294967295 ab 2147483647 op 2 >others
wp-train -q --counts large others | tail -n 7 | paste -sd' '
for line in 'a' 'a\t' '\t1' 'a b\t1' 'a\t-1' 'a\t1 ' 'a\t1\t1' 'a\t18446744073709551616'; do
    printf 'b\t1\n%b\n' "$line" | wp-train --counts
done
printf 'ab\t18446744073709551615\n' | wp-train -q --counts
printf 'a\t18446744073709551615\nb\t1\n' | wp-train -q --counts --counts-out -
printf 'a\t18446744073709551615\n' | wp-train -q --counts --counts-out -
ls
#out
# same
# sorted
# same
# kl ij gh ef cd ab op
# op kl ij gh ab ef cd
# a	18446744073709551615
# a
# a.counts
# all.counts
# b
# b.counts
# large
# others
# vocab.txt
#err
# wp-train: 796 of 1296 characters are past --limit-alphabet: they are 4.897 % of the text, and are cut out of its words
# wp-train: 796 of 1296 characters are past --limit-alphabet: they are 4.897 % of the text, and are cut out of its words
# wp-train: not a word, a tab and its count in 'standard input', line 2
# wp-train: not a word, a tab and its count in 'standard input', line 2
# wp-train: not a word, a tab and its count in 'standard input', line 2
# wp-train: not a word, a tab and its count in 'standard input', line 2
# wp-train: not a word, a tab and its count in 'standard input', line 2
# wp-train: not a word, a tab and its count in 'standard input', line 2
# wp-train: not a word, a tab and its count in 'standard input', line 2
# wp-train: not a word, a tab and its count in 'standard input', line 2
# wp-train: the words have 2^64 bytes or more
# wp-train: there are 2^64 words or more
