# a line longer than the model takes is looked at in pieces; one that fits is as it was
. "$ROOT/tests/cli/rf-fill/model.inc"
yes 'the sky is [MASK] .' | head -n 40 | tr '\n' ' ' >long.txt
rf-fill long.txt | tee filled.txt | wc -w
grep -c MASK filled.txt
grep -q 'sky is blue' filled.txt && echo 'as it learned'
rf-fill -k 1 long.txt | wc -l
rf-fill -k 1 -j 1 long.txt | cmp - <(rf-fill -k 1 -j 2 long.txt) && echo same
#out
# 200
# 0
# as it learned
# 40
# same
