# a shard that is cut off while it is read by blocks: the run ends with a line that says where, and once the shard is whole
# again it goes on as if nothing had been; one that is replaced under its name stays what it was for a run that has it open
. "$ROOT/tests/cli/rf-train/data.inc"
for i in 0 1 2 3; do
    tail -n +$((i * 60 + 1)) "$CORPUS" | head -n 60 | wp-encode -q - | shard-wiki -q --max-len 64 -o $i.rfs
done
cat 0.rfs 1.rfs 2.rfs 3.rfs >good.rfs
blocks() { rf-train -q -c tiny.yaml --data.read blocks --data.window 1 --train.steps 200 --train.batch 4 "$@"; }
blocks -o whole good.rfs
cp good.rfs bad.rfs
blocks -o run bad.rfs 2>err &
wait_until test -e run/step-00000020
truncate -s 2000 bad.rfs
wait $!
echo $?
sed 's/byte [0-9]*/byte N/' err
[ ! -e run/step-00000200 ]
echo $?
cat good.rfs >bad.rfs
blocks -o run bad.rfs
cmp whole/step-00000200/weights.safetensors run/step-00000200/weights.safetensors && echo 'as if it had never been cut'
cp good.rfs other.rfs
blocks -o other other.rfs &
wait_until test -e other/step-00000020
cat 3.rfs 2.rfs >new.rfs
mv new.rfs other.rfs
wait $!
cmp whole/step-00000200/weights.safetensors other/step-00000200/weights.safetensors && echo 'as if it had never been replaced'
#out
# 1
# rf-train: 'bad.rfs' is cut off at byte N: its end frame is missing
# 0
# as if it had never been cut
# as if it had never been replaced
