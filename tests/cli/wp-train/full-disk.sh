wp-train --size 2500 -o /dev/full "$CORPUS"
echo $?
wp-train --size 2500 "$CORPUS" >/dev/full
