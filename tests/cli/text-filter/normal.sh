# the second document equals the first but for white space; the third is new
printf '하나\n가나다.\n라마.\n\n둘\n가나 다.\n라마.\n\n\n셋\n바사아.' >text
text-filter text
echo ==
text-filter --no-dup-docs --near 0 <text
echo ==
text-filter --no-titles --report - -o out text
text-filter -v text 2>&1 >/dev/null | sed 's/, [0-9.]* s, .*/, TIME/'
