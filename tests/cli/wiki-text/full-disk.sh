wiki-text -o /dev/full "$ROOT/tests/golden/wiki/ko.xml"
echo $?
wiki-text "$ROOT/tests/golden/wiki/ko.xml" >/dev/full
echo $?
wiki-text --jsonl a "$ROOT/tests/golden/wiki/ko.xml" >/dev/full
echo $?
wiki-text -q --report /dev/full "$ROOT/tests/golden/wiki/ko.xml" >/dev/null
echo $?
#out
# 1
# 1
# 1
# 1
#err
# wiki-text: cannot write '/dev/full': No space left on device
# wiki-text: cannot write 'standard output': No space left on device
# wiki-text: cannot write 'standard output': No space left on device
# wiki-text: cannot write '/dev/full': No space left on device
