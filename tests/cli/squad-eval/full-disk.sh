gold=$ROOT/tests/golden/squad/gold.json
p=$ROOT/tests/golden/squad/all.json
squad-eval -q "$gold" "$p" >/dev/full; echo $?
squad-eval -q -o /dev/full "$gold" "$p"; echo $?
squad-eval -q -o scores --per-question /dev/full "$gold" "$p"; echo $?
ls
#out
# 1
# 1
# 1
#err
# squad-eval: cannot write 'standard output': No space left on device
# squad-eval: cannot write '/dev/full': No space left on device
# squad-eval: cannot write '/dev/full': No space left on device
