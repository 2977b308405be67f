# one line and one status, whatever happens to a rank
. "$ROOT/tests/cli/ranks/mpirun.inc"
harm() { # WHAT RANK
    ranks 4 "$TRIAL" -n 4 --victim "$2" --harm "$1" --heartbeat 5 2>err
    echo "$1: $? $(sed -E 's/[0-9]+\.[0-9]/X/; s/step [0-9]+/step N/' err)"
}
harm error 3
harm known 2
harm known 0
harm stop 1
harm stop 0
harm kill 2 | sed -E 's/: (71|137) /: not 0 /' # the launcher's, if it is the first to know
harm exit 0 | sed -E 's/: (1|71) /: not 0 /'

# TERM to any one of them stops all
ranks 4 "$TRIAL" -v -n 4 --steps 1000000 --wait 10 2>err &
launcher=$!
for _ in $(seq 3000); do
    grep -q 'all ranks work' err && break
    sleep 0.02
done
kill -TERM "$(pgrep -f "^$TRIAL -v -n 4" | sort -n | sed -n 3p)"
wait "$launcher"
echo "TERM: $? $(cat err)"
#out
# error: 1 trial: rank 3 came to harm
# known: 1 trial: rank 2: a rank came to harm
# known: 1 trial: rank 0: a rank came to harm
# stop: 71 trial: rank 1 was silent for X s, in step N: all ranks end
# stop: 71 trial: rank 0 was silent for X s, in step N: all ranks end
# kill: not 0 trial: rank 2 ended, in step N: all ranks end
# exit: not 0 trial: rank 0 ended, in step N: all ranks end
# TERM: 75 trial: all ranks work
# trial: stopped on request
