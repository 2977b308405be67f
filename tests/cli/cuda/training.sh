# slow
# twenty steps of each task: losses, gradients and evaluations as on the processor
. "$ROOT/tests/cli/cuda/plugin.inc"
awk 'length($0) > 20 { n++; print (n % 3 ? (n % 3 == 1 ? "one" : "two") : "three") "\t" $0 }' corpus.txt | head -n 60 >all.tsv
head -n 40 all.tsv >train.tsv
classify-encode -l 64 -o classes.rfs train.tsv
classify-encode -l 64 -o dev.rfs --classes-of classes.rfs <(tail -n 20 all.tsv)
good=$ROOT/tests/golden/shard/good

# both NAME ARG...: on each device; a difference of rounding grows from step to step. What it may be is some times what
# it is, 1e-6 to 1e-5, and far less than that of another seed.
both() {
    local name=$1
    shift
    for device in cpu cuda; do
        rf-train -q -c tiny.yaml --train.batch 4 --train.steps 20 --train.eval_every 10 --train.log_every 1 --device $device \
            -o "$name-$device" "$@" || echo "$name: status $?"
        losses "$name-$device" >"$name-$device.tsv"
    done
    echo "$name: $(near "$name-cpu.tsv" "$name-cuda.tsv" 2e-3)"
}
both mlm
both local --model.layers local,full --model.position rotary --model.norm scale --model.ff_glu
both factored --optim.name adafactor --model.pkm_layers 2 --model.pkm_keys 16 --model.pkm_topk 4
both muon --optim.name muon --train.slots 2 --model.ff_dropout 10% --model.lsh_dropout 10%
both lion --optim.name lion --optim.ema 0.9 --model.tied_embedding --optim.lr 0.0003
both clm --data.task clm --model.causal --model.lsh_layout aligned
both chunked --data.task clm --model.causal --model.rounds 2 --no-model.duplicates
sed 's/^model:/generator:\n  dim: 16\n&/' tiny.yaml >electra.yaml
both electra -c electra.yaml --data.task electra --data.mask_part 85% --data.random_part 0
both classify --data.task classify --data.train classes.rfs --data.eval dev.rfs --train.from mlm-cpu
both qa --data.task qa --model.chunk 4 --data.vocab= --data.train "$good/0033-packed-qa.rfs" --data.eval "$good/0029-qa.rfs"
#out
# mlm: near
# local: near
# factored: near
# muon: near
# lion: near
# clm: near
# chunked: near
# electra: near
# classify: near
# qa: near
