# defaults < file < command line
cat >x.yaml <<'END'
model: {dim: 96, heads: 3}
train:
  steps: 2K
  run: 'a b'
END
rf-train --dump-config
rf-train -c x.yaml --train.steps 3000 --model.causal --model.final_norm false --dump-config | diff <(rf-train --dump-config) -
rf-train -c x.yaml --dump-config --train.steps 3000 train.rfs=2 eval.rfs=1 | grep '^  train:'
rf-train x.yaml --train.steps 3000 --dump-config a.rfs | diff <(rf-train -c x.yaml --train.steps 3000 --dump-config a.rfs) - && echo same
rf-train --dump-config none.yaml; echo $?
#out
# model:
#   compat: none
#   dim: 256
#   depth: 4
#   heads: 4
#   dim_head: 0
#   max_len: 0
#   causal: false
#   chunk: 64
#   rounds: 4
#   lsh_layout: chunked
#   across_buckets: true
#   duplicates: true
#   rotations_per_head: false
#   hash_factor: 128
#   layers: ''
#   full_attn: false
#   full_attn_thres: 0
#   local_heads: 0
#   local_chunk: 0
#   local_back: 1
#   one_value_head: false
#   mem_kv: 0
#   twin: false
#   attn_heads: 0
#   ff_mult: 4
#   ff_rows: 1024
#   ff_act: gelu
#   ff_glu: false
#   norm: layer
#   final_norm: auto
#   position: auto
#   axial_shape: ''
#   emb_dim: 0
#   tied_embedding: false
#   emb_std: 0
#   head_std: 0
#   head_zero: false
#   tied_layers: false
#   pkm_layers: ''
#   pkm_keys: 128
#   pkm_heads: 4
#   pkm_topk: 32
#   pkm_dim: 128
#   lsh_dropout: 0
#   post_attn_dropout: 0
#   ff_dropout: 0
#   layer_dropout: 0
#   head_dropout: 0
#   reverse_thres: 0
# generator:
#   dim: 0
#   depth: 0
#   heads: 0
#   dim_head: 0
#   ff_mult: 0
#   temperature: 1
#   weight: 1
#   discriminator_weight: 50
# data:
#   train: train.rfs
#   eval: eval.rfs
#   vocab: vocab.txt
#   label_from: 0
#   in_order: false
#   group_by_length: 0
#   read: whole
#   window: 64M
#   memory: 0
#   task: mlm
#   mask_rate: 0.15
#   mask_part: 0.8
#   random_part: 0.1
#   whole_word: false
#   span: 1
#   match: false
# optim:
#   name: adamw
#   lr: 0.001
#   beta1: 0.9
#   beta2: 0.98
#   eps: 1e-08
#   decay: 0.01
#   no_decay: ''
#   clip: 1
#   schedule: linear
#   warmup: 100
#   warmup_share: 0
#   cycles: 1
#   decay_share: 0.2
#   decay_shape: linear
#   relative_step: false
#   scale_parameter: true
#   first_moment: false
#   clip_update: false
#   muon_lr: 0.001
#   momentum: 0.95
#   nesterov: true
#   ns_steps: 5
#   adjust: match_rms_adamw
#   value_factor: 1
#   layer_decay: 1
#   ema: 0
#   in_backward: false
# train:
#   run: run
#   batch: 16
#   slots: 1
#   slots_start: 0
#   slots_ramp: 0
#   lengths: ''
#   from: ''
#   from_optim: false
#   steps: 1000
#   epochs: 0
#   stop_after: 0
#   log_every: 10
#   eval_every: 200
#   save_every: 200
#   save_time: 0
#   keep: 2
#   patience: 0
#   keep_best: false
#   best: loss
#   z_loss: 0
#   label_smoothing: 0
#   eval_ema: true
#   memory: 0
#   device: cpu
#   gemm: fast
#   dtype: fp32
#   graphs: false
#   reduce: tree
#   seed: 1
#   threads: 0
# 3c3
# <   dim: 256
# ---
# >   dim: 96
# 5c5
# <   heads: 4
# ---
# >   heads: 3
# 8c8
# <   causal: false
# ---
# >   causal: true
# 31c31
# <   final_norm: auto
# ---
# >   final_norm: false
# 106c106
# <   run: run
# ---
# >   run: 'a b'
# 114c114
# <   steps: 1000
# ---
# >   steps: 3000
#   train: 'train.rfs=2 eval.rfs=1'
# same
# 1
#err
# rf-train: cannot open 'none.yaml': No such file or directory
