# no room for a checkpoint of several ranks: it is tried again, and the third one ends all
. "$ROOT/tests/cli/rf-train/ranks.inc"
mkdir disk
tmpfs='unshare -rm'
[ "$(id -u)" != 0 ] || tmpfs='unshare -m'
$tmpfs mount -t tmpfs tmpfs disk 2>/dev/null || { echo 'no tmpfs can be mounted' >&2; exit 77; }
cat >inside.sh <<'END'
mount -t tmpfs -o size=1M tmpfs disk
ranks 4 rf-train -q --ranks 4 -c tiny.yaml -o disk/run --train.slots 4 --train.steps 30 --train.save_every 4 --train.eval_every 0
echo $?
ls disk/run
END
export -f ranks
$tmpfs bash inside.sh 2>&1
#out
# rf-train: checkpoint of step 4 not written, 1 of 3: cannot write 'disk/run/step-00000004.tmp/optim.safetensors': No space left on device
# rf-train: checkpoint of step 8 not written, 2 of 3: cannot write 'disk/run/step-00000008.tmp/optim.safetensors': No space left on device
# rf-train: 3 checkpoints in a row not written: cannot write 'disk/run/step-00000012.tmp/optim.safetensors': No space left on device
# 1
# lock
# log.tsv
# vocab.txt
