# tests/faults/run: a few faults of a few tools, all of which are met well
# slow
inject=$BUILD/tests/faults/inject.so
[ -e "$inject" ] || { echo "no $inject" >&2; exit 77; } # it does not go with the sanitizers
for t in $(make -s -C "$ROOT" tools); do grep -q "^$t " "$ROOT/tests/faults/commands" || echo "no command of $t"; done
FAULTS_MAX=2 "$ROOT/tests/faults/run" "$BIN" "$inject" work split-sentences wp-encode shard-mix rf-convert >log 2>&1 || cat log
awk '$2 == "all" { print $NF " failed" } $2 == "malloc" || $2 == "change" { print $1, $2 }' log
#out
# split-sentences malloc
# split-sentences change
# wp-encode malloc
# wp-encode change
# shard-mix malloc
# shard-mix change
# rf-convert malloc
# rf-convert change
# 0 failed
