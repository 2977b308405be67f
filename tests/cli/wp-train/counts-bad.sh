# a file of counts that is damaged, cut off, out of order or of another kind: one line, and no output
printf 'Da da da ga\n' >text
wp-train --counts-out good text
cat good
train() { wp-train -q --counts -o vocab.txt "$@"; [ ! -e vocab.txt ] || { echo made; rm vocab.txt; }; }
train good
for line in 'a' 'a\t' '\t1' 'a b\t1' 'a\t-1' 'a\t1 ' 'a\t1\t1' 'a\t18446744073709551616'; do
    printf 'b\t1\n%b\n' "$line" | train
done
for line in 'da' 'da\t2' 'db\t0x' 'd a\t1'; do sed "3i$line" good | train; done
head -n 4 good | train
head -c 70 good | train
head -c -1 good | train && echo without its last line feed
head -c -2 good | train
sed 's/^ga/gb/' good | train
sed 's/2$/3/' good | train
sed 4d good | train
cat good good | train
sed 1d good | train
sed 's/counts 1/counts 2/' good | train
sed 's/accents=no/accents=perhaps/' good | train
: | train
train --lower-case good
wp-train --strip-accents --counts-out strip text
train good strip
train none good
wp-train -q --counts --counts-out sum good strip
wp-train -q --counts --counts-out sum good --jsonl text
zstd -qc good | head -c 40 >cut.zst
train cut.zst
head -c 5000 /dev/urandom | base64 -w 0 >noise
train noise
ls
#out
# wp-counts 1 lower-case=no strip-accents=no
# Da	1
# da	2
# ga	1
# end 3 4 0902c712680cf123
# made
# made
# without its last line feed
# cut.zst
# good
# noise
# strip
# text
#err
# wp-train: not a word, a tab and its count in 'standard input', line 2
# wp-train: not a word, a tab and its count in 'standard input', line 2
# wp-train: not a word, a tab and its count in 'standard input', line 2
# wp-train: not a word, a tab and its count in 'standard input', line 2
# wp-train: not a word, a tab and its count in 'standard input', line 2
# wp-train: not a word, a tab and its count in 'standard input', line 2
# wp-train: not a word, a tab and its count in 'standard input', line 2
# wp-train: not a word, a tab and its count in 'standard input', line 2
# wp-train: not a word, a tab and its count in 'standard input', line 3
# wp-train: the word is out of order in 'standard input', line 4
# wp-train: not a word, a tab and its count in 'standard input', line 3
# wp-train: not a word, a tab and its count in 'standard input', line 3
# wp-train: 'standard input' ends too early, behind line 4
# wp-train: 'standard input' is damaged: line 5 does not fit those before it
# wp-train: 'standard input' is damaged: line 5 does not fit those before it
# wp-train: 'standard input' is damaged: line 5 does not fit those before it
# wp-train: 'standard input' is damaged: line 5 does not fit those before it
# wp-train: 'standard input' is damaged: line 4 does not fit those before it
# wp-train: 'standard input' goes on behind its last line, in line 6
# wp-train: not a word, a tab and its count in 'standard input', line 4
# wp-train: 'standard input' has a version of word counts other than 1
# wp-train: settings that are unknown in 'standard input', line 1
# wp-train: 'standard input' is empty
# wp-train: 'good' was counted with lower-case=no strip-accents=no, and this run has lower-case=yes strip-accents=no
# wp-train: 'strip' was counted with lower-case=no strip-accents=yes, and this run has lower-case=no strip-accents=no
# wp-train: cannot open 'none': No such file or directory
# wp-train: 'strip' was counted with lower-case=no strip-accents=yes, and this run has lower-case=no strip-accents=no
# wp-train: with --counts the files are no text: leave out --jsonl
# wp-train: zstd data in 'cut.zst' ends too early
# wp-train: not a word, a tab and its count in 'noise', line 1
