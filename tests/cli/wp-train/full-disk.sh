wp-train --size 2500 -o /dev/full "$CORPUS"
echo $?
wp-train --size 2500 "$CORPUS" >/dev/full
#out
# 1
#err
# wp-train: cannot write '/dev/full': No space left on device
# wp-train: cannot write 'standard output': No space left on device
#exit 1
