. "$ROOT/tests/cli/squad-predict/model.inc"
squad-predict -q --max-query 4 -o /dev/full qa.json; echo $?
squad-predict -q --max-query 4 qa.json >/dev/full; echo $?
squad-predict -q --max-query 4 --nbest /dev/full -o out.json qa.json; echo $?
ls out.json
#out
# 1
# 1
# 1
#err
# squad-predict: cannot write '/dev/full': No space left on device
# squad-predict: cannot write 'standard output': No space left on device
# squad-predict: cannot write '/dev/full': No space left on device
# ls: cannot access 'out.json': No such file or directory
#exit 2
