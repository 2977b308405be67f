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
