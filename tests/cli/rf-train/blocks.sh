# data that are read by blocks: held in memory or read again and again, in one start or several, a run ends with the
# same bytes, whatever it learns
. "$ROOT/tests/cli/rf-train/data.inc"
for i in 0 1 2 3 4 5; do # a part is a block at least; every other one is plain
    tail -n +$((i * 60 + 1)) "$CORPUS" | head -n 60 | wp-encode -q - >t.rfs
    shard-wiki -q --max-len 64 --coding $([ $((i % 2)) = 0 ] && echo packed || echo plain) -o part-$i.rfs t.rfs
    mask-tokens -q -o masked-$i.rfs part-$i.rfs
done
cat part-?.rfs >parts.rfs
cat masked-?.rfs >masked.rfs
head -n 60 "$ROOT/pipelines/classes-train.tsv" >classes.tsv
for i in 1 21 41; do tail -n +$i classes.tsv | head -n 20 >$i.tsv; done
classify-encode -q -l 64 -o classes-0.rfs classes.tsv
for i in 1 21 41; do classify-encode -q -l 64 --classes-of classes-0.rfs -o classes-$i.rfs $i.tsv; done
cat classes-1.rfs classes-21.rfs classes-41.rfs >classes.rfs
for i in 0 1 2; do
    python3 -c 'import json, sys; d = json.load(open(sys.argv[1]))["data"]; json.dump({"data": d[int(sys.argv[2]):][:1]}, sys.stdout)' \
        "$ROOT/pipelines/qa-dev.json" $i >qa.json
    squad-encode -q --max-len 64 --max-query 24 --doc-stride 24 -o qa-$i.rfs qa.json
done
cat qa-0.rfs qa-1.rfs qa-2.rfs >qa.rfs

way() { # NAME TRAIN OPTION...: three starts that hold little are like one that holds all
    local name=$1 train=$2 i
    shift 2
    mkdir $name
    # shellcheck disable=SC2086
    set -- -q -c tiny.yaml --train.steps 24 --train.eval_every 12 --train.save_every 12 --train.log_every 4 \
        --data.read blocks --data.window 1 "$@" $train
    rf-train "$@" -o $name/all --data.memory 1G
    for i in 5 10 40; do rf-train "$@" -o $name/few --train.stop_after ${i}steps 2>&1 | grep -v asked; done
    for f in weights.safetensors optim.safetensors; do
        cmp $name/all/step-00000024/$f $name/few/step-00000024/$f || return
    done
    cmp <(grep digest $name/all/step-00000024/state) <(grep digest $name/few/step-00000024/state) &&
        cmp <(without_times $name/all) <(without_times $name/few) && echo "$name"
}
way mlm parts.rfs
way masked masked.rfs
way weights 'parts.rfs=3 part-1.rfs part-2.rfs=0.25'
way in_order 'parts.rfs part-0.rfs' --data.in_order
way words parts.rfs --data.whole_word --data.span 2
way clm parts.rfs --data.task clm --model.causal
way electra parts.rfs --data.task electra
way ramps parts.rfs --train.batch 2 --train.slots 4 --train.slots_start 1 --train.slots_ramp 9 --train.lengths 20@7
way overfit parts.rfs --overfit
way qa qa.rfs --data.task qa --data.eval qa-0.rfs
way classify classes.rfs --data.task classify --data.eval classes-0.rfs
# its order is another than that of data read whole, and both are other data for a run
rf-train -q -c tiny.yaml --train.steps 24 -o whole parts.rfs
cmp -s whole/step-00000024/weights.safetensors mlm/all/step-00000024/weights.safetensors
echo $?
rf-train -q -c tiny.yaml --train.steps 24 -o mlm/all parts.rfs
cat part-1.rfs part-0.rfs part-[2345].rfs >other.rfs
rf-train -q -c tiny.yaml --train.steps 24 --data.read blocks --data.window 1 -o mlm/all other.rfs
rf-eval -m mlm/all parts.rfs | cut -f 1-3
#out
# mlm
# masked
# weights
# in_order
# words
# clm
# electra
# ramps
# overfit
# qa
# classify
# 1
# set	sequences	labels
# parts	238	1500
#err
# rf-train: the run has data.read blocks, not whole: choose another train.run
# rf-train: the training data are not those that run 'mlm/all' began with: choose another train.run
