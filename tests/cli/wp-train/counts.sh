# word counts: counted apart, merged in any order, trained on; large ones rank right
head -n 400 "$CORPUS" >a
sed -n 401,1000p "$CORPUS" >b
tail -n +1001 "$CORPUS" >c
for part in a b c; do wp-train --counts-out $part.counts $part; done
zstd -q b.counts -o b.counts.zst
wp-train --counts-out all.counts "$CORPUS"
head -n 1 all.counts
sed '1d;$d' all.counts | LC_ALL=C sort -c -k 1,1 -t "$(printf '\t')" && echo sorted
wp-train --counts --counts-out - c.counts b.counts.zst a.counts | cmp - all.counts && echo same
wp-train --counts --counts-out ab.counts a.counts b.counts.zst
wp-train --counts --counts-out bc.counts c.counts b.counts
wp-train --counts --counts-out - ab.counts - <c.counts | cmp - all.counts && echo same
wp-train --counts --counts-out - a.counts bc.counts | cmp - all.counts && echo same
# without first and last line, in any order, words more than once
{ sed '1d;$d' c.counts; sed '1d;$d' a.counts | tac; } >plain
wp-train --counts --counts-out - plain b.counts | cmp - all.counts && echo same
train() { wp-train -q --size 3000 --limit-alphabet 500 --min-frequency 3 "$@"; }
train "$CORPUS" >vocab.txt
train --counts a.counts b.counts - <c.counts | cmp - vocab.txt && echo same
train --lower-case --strip-accents --hf whole "$CORPUS"
for part in a b c; do wp-train --lower-case --strip-accents --counts-out $part.lower $part; done
train --lower-case --strip-accents --counts --hf parts ?.lower
diff -r whole parts && echo same
: | wp-train --counts-out none.counts && cat none.counts
wp-train --counts --counts-out - none.counts all.counts | cmp - all.counts && echo same
printf '%s\t%s\n' ab 2147483647 cd 2147483648 ef 2147483649 gh 4294967295 ij 4294967296 kl 4294967297 op 2 >large
wp-train -q --counts large | tail -n 7 | paste -sd' '
printf '%s\t%s\n' op 4294967295 ab 2147483647 op 2 >others
wp-train -q --counts large others | tail -n 7 | paste -sd' '
printf 'ab\t18446744073709551615\n' | wp-train -q --counts
printf 'a\t18446744073709551615\nb\t1\n' | wp-train -q --counts --counts-out -
printf 'a\t18446744073709551615\n' | wp-train -q --counts --counts-out one
cat one
echo b | wp-train -q --counts-out two
echo a | wp-train -q --counts-out three
wp-train -q --counts --counts-out four one two
wp-train -q --counts one three
ls
#out
# wp-counts 1 lower-case=no strip-accents=no
# sorted
# same
# same
# same
# same
# same
# same
# wp-counts 1 lower-case=no strip-accents=no
# end 0 0 be06c43a7095f80a
# same
# kl ij gh ef cd ab op
# op kl ij gh ab ef cd
# wp-counts 1 lower-case=no strip-accents=no
# a	18446744073709551615
# end 1 18446744073709551615 20d81a93e906459a
# a
# a.counts
# a.lower
# ab.counts
# all.counts
# b
# b.counts
# b.counts.zst
# b.lower
# bc.counts
# c
# c.counts
# c.lower
# large
# none.counts
# one
# others
# parts
# plain
# three
# two
# vocab.txt
# whole
#err
# wp-train: the words have 2^64 bytes or more
# wp-train: there are 2^64 words or more
# wp-train: there are 2^64 words or more
# wp-train: there are 2^64 words or more
