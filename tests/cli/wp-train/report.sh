# how well the vocabulary fits: qr is cut, and with it all of its words
printf '%s\n' 'abc abc abd' 'q qab' >text
wp-train -q --limit-alphabet 3 --report report text | tail -n +6 | paste -sd' '
cat report
wp-train -q --report report2 -o vocab.txt "$CORPUS"
wp-encode -v "$CORPUS" 2>&1 >/dev/null | sed 's/.* sentences, //; s/, [0-9.]* s, .*//'
sed -n '1p; 3p; 5,6p' report2
seq -f 가%.0f나 100000 400000 | wp-train -q --report report3 -o vocab.txt "$CORPUS" -
seq -f 가%.0f나 100000 400000 | wp-train -q --report report4 --memory 46M -o vocab.txt - "$CORPUS"
cmp report3 report4 && echo same
#out
# a b c ##b ##a ##c ab abc
# words	5
# words, distinct	4
# unknown words	3
# unknown words, distinct	3
# unknown share	0.600000
# tokens a word	1.0000
# characters	13
# characters, distinct	5
# characters lost	3
# characters lost, distinct	2
# lost share	0.230769
# 22753 words (0.000 % unknown), 33341 tokens
# words	22753
# unknown words	0
# unknown share	0.000000
# tokens a word	1.4653
# same
