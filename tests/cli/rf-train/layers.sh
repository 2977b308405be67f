# layers of different kinds: killed behind a checkpoint it ends with the same bytes; another pattern is another model
. "$ROOT/tests/cli/rf-train/data.inc"
run=(rf-train -q -c tiny.yaml --model.depth 3 --train.save_every 4 --train.log_every 3)
mixed=("${run[@]}" --model.layers local,lsh,full --model.local_chunk 8 --model.lsh_dropout 0.1)
"${mixed[@]}" -o whole
{
    "${mixed[@]}" -o killed &
    wait_until test -e killed/step-00000012
    kill -KILL $!
    wait $!
    echo $?
} 2>/dev/null
"${mixed[@]}" -o killed
same whole killed
"${mixed[@]}" -o threads -j 1
same whole threads
# what is stored for backward changes nothing
"${mixed[@]}" -o little --train.memory 1M 2>/dev/null
same whole little
ckpt-info whole | grep -E '^model\.(layers|local_chunk)'
"${run[@]}" --model.layers local,lsh --model.local_chunk 8 --model.lsh_dropout 0.1 -o whole
# one kind is what the settings for all layers say
"${run[@]}" --model.layers full -o full
"${run[@]}" --model.full_attn -o full_attn
same full_attn full
"${run[@]}" --model.layers local --train.stop_after 4steps -o local
"${run[@]}" --model.local_heads 2 --train.stop_after 4steps -o local_heads
cmp local/step-00000004/weights.safetensors local_heads/step-00000004/weights.safetensors && echo 'local alike'
# settings that cannot be
"${run[@]}" --model.layers lsh,axial -o none
"${run[@]}" --model.layers lsh,,full -o none
"${run[@]}" --model.layers lsh,lsh,lsh,full -o none
"${run[@]}" --model.layers lsh,full --model.full_attn -o none
"${run[@]}" --model.layers lsh,local --model.local_heads 1 -o none
"${run[@]}" --model.layers lsh,local --model.compat reformer-pytorch-1.4.4 -o none
ls
#out
# 137
# killed is like whole
# threads is like whole
# little is like whole
# model.layers: 'local,lsh,full'
# model.local_chunk: 8
# full is like full_attn
# local alike
# corpus.txt
# eval.rfs
# full
# full_attn
# killed
# little
# local
# local_heads
# threads
# tiny.yaml
# tokens.rfs
# train.rfs
# vocab.txt
# whole
#err
# rf-train: the run has model.layers 'local,lsh,full', not 'local,lsh': choose another train.run
# rf-train: stopped at step 4 of 40 as asked; start again to go on
# rf-train: stopped at step 4 of 40 as asked; start again to go on
# rf-train: model.layers 'lsh,axial': 'axial' is not lsh, local or full
# rf-train: model.layers 'lsh,,full': layer 2 has no name
# rf-train: model.layers 'lsh,lsh,lsh,full' names 4 layers, and model.depth is 3
# rf-train: model.layers 'lsh,full': it says which layers are full: model.full_attn must be false
# rf-train: model.layers 'lsh,local': it says which layers are local: model.local_heads must be 0
# rf-train: model.layers: reformer-pytorch-1.4.4 has no layers of different kinds
