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
