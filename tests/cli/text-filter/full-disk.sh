text-filter -o /dev/full "$CORPUS"
echo $?
text-filter "$CORPUS" >/dev/full
echo $?
text-filter -o out --report /dev/full "$CORPUS"
echo $?
#out
# 1
# 1
# 1
#err
# text-filter: cannot write '/dev/full': No space left on device
# text-filter: cannot write 'standard output': No space left on device
# text-filter: cannot write '/dev/full': No space left on device
