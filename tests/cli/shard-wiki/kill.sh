# Killed at any moment, no tool leaves half a file under a name: what is there is whole.
wp-train -q --size 500 "$CORPUS" >vocab.txt
for _ in $(seq 40); do cat "$CORPUS"; echo; done | wp-encode -q -o tokens.rfs
shard-wiki -o seq.rfs tokens.rfs
for i in $(seq 20); do
    rm -f out*
    case $((i % 4)) in
    0) shard-wiki -o out.rfs tokens.rfs & ;;
    1) shard-wiki --shuffle --memory 1M --shards 3 -o out.rfs tokens.rfs & ;;
    2) shard-wiki --train out.rfs --eval out-eval.rfs tokens.rfs & ;;
    3) shard-cat -f shard -o out.rfs seq.rfs & ;;
    esac
    tool=$!
    sleep "0.0$((RANDOM % 10))$((RANDOM % 10))"
    kill -KILL $tool
    wait $tool
    for f in out*.rfs; do
        [ ! -e "$f" ] || shard-cat --check "$f" >/dev/null || echo "half of $f"
    done
    ls -A | grep -v '^out\|^tokens.rfs$\|^seq.rfs$\|^vocab.txt$'
done 2>/dev/null
shard-cat -f shard -o out.rfs seq.rfs && shard-cat out.rfs | cmp - <(shard-cat seq.rfs) && echo whole
#out
# whole
