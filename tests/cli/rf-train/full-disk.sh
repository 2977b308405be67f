# a full disk: a checkpoint that finds no room is tried again when the next one is due; the third in a row ends the run
. "$ROOT/tests/cli/rf-train/data.inc"
mkdir disk
tmpfs='unshare -rm' # root in a name space of one's own may mount
[ "$(id -u)" != 0 ] || tmpfs='unshare -m'
$tmpfs mount -t tmpfs tmpfs disk 2>/dev/null || { echo 'no tmpfs can be mounted' >&2; exit 77; }
cat >inside.sh <<'END'
mount -t tmpfs -o size=4M tmpfs disk
mkdir disk/run
train() { rf-train -q -c tiny.yaml -o disk/run --train.save_every 4 --train.eval_every 0 --train.log_every 4 --data.vocab '' "$@"; }
train --train.stop_after 4steps
ls disk/run
head -c 4M /dev/zero >disk/fill 2>/dev/null # all that is left
train
echo $?
ls disk/run
ckpt-info -q --check disk/run
rm disk/fill
train
without_times disk/run >log
END
export -f without_times
$tmpfs bash inside.sh 2>&1
rf-train -q -c tiny.yaml -o whole --train.save_every 4 --train.eval_every 0 --train.log_every 4 --data.vocab ''
without_times whole | cmp - log && echo same
#out
# rf-train: stopped at step 4 of 40 as asked; start again to go on
# lock
# log.tsv
# step-00000004
# rf-train: checkpoint of step 8 not written, 1 of 3: cannot write 'disk/run/step-00000008.tmp/weights.safetensors': No space left on device
# rf-train: checkpoint of step 12 not written, 2 of 3: cannot write 'disk/run/step-00000012.tmp/weights.safetensors': No space left on device
# rf-train: 3 checkpoints in a row not written: cannot write 'disk/run/step-00000016.tmp/weights.safetensors': No space left on device
# 1
# lock
# log.tsv
# step-00000004
# disk/run/step-00000004: whole
# same
