# how well the vocabulary fits: qr is cut, and with it all of its words
printf '%s\n' 'abc abc abd' 'q qab' >text
wp-train -q --limit-alphabet 3 --report report text | tail -n +6 | paste -sd' '
cat report
wp-train -q --report report2 --memory 1M -o vocab.txt "$CORPUS"
wp-encode -v "$CORPUS" 2>&1 >/dev/null | sed 's/.* sentences, //; s/, [0-9.]* s, .*//'
sed -n '1p; 3p; 5,6p' report2
