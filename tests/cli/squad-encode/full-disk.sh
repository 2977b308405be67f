. "$ROOT/tests/cli/squad-encode/small.inc"
squad-encode -q -o /dev/full qa.json; echo $?
squad-encode -q qa.json >/dev/full; echo $?
#out
# 1
# 1
#err
# squad-encode: cannot write '/dev/full': No space left on device
# squad-encode: cannot write 'standard output': No space left on device
