# a full disk is said, a closed pipe is not
. "$ROOT/tests/cli/rf-fill/model.inc"
yes 'the sky is [MASK] .' | head -n 200 >q.txt
rf-fill -o /dev/full q.txt
echo $?
rf-fill q.txt >/dev/full
echo $?
rf-fill q.txt | head -n 1
#out
# 1
# 1
# the sky is blue .
#err
# rf-fill: cannot write '/dev/full': No space left on device
# rf-fill: cannot write 'standard output': No space left on device
