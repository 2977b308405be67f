text-filter -o /dev/full "$CORPUS"
echo $?
text-filter "$CORPUS" >/dev/full
echo $?
text-filter -o out --report /dev/full "$CORPUS"
echo $?
