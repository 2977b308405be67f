# --json: a line an object; --ema: the mean of the weights, where one was kept
. "$ROOT/tests/cli/rf-fill/model.inc"
printf '%s\n' 'the sky [MASK] [MASK] .' 'no "mask"' 'the snow is [MASK] .' >q.txt
rf-fill --json -k 2 q.txt | sed -E 's/[0-9]\.[0-9]+(e-[0-9]+)?/P/g; s/,\["[^"]*",P\]\]/,["second",P]]/g'
rf-fill --json q.txt | python3 -c '
import json, sys
for line in sys.stdin:
    o = json.loads(line)
    print(o["line"], o["text"], [len(m) for m in o["masks"]], all(0 < p <= 1 for m in o["masks"] for _, p in m))'
rf-train -q -c "$ROOT/tests/cli/rf-train/tiny.yaml" -o mean --optim.ema 0.98 --data.mask_rate 30% --train.steps 300 --train.eval_every 0
rf-fill -m mean --ema q.txt
cmp -s <(rf-fill -k 3 -m mean q.txt) <(rf-fill -k 3 -m mean --ema q.txt) || echo 'not the same weights'
ckpt-info mean | grep -E '^ema|^optim.name'
#out
# {"line":1,"text":"the sky is blue .","masks":[[["is",P],["second",P]],[["blue",P],["second",P]]]}
# {"line":2,"text":"no \"mask\"","masks":[]}
# {"line":3,"text":"the snow is white .","masks":[[["white",P],["second",P]]]}
# 1 the sky is blue . [1, 1] True
# 2 no "mask" [] True
# 3 the snow is white . [1] True
# the sky is blue .
# no "mask"
# the snow is white .
# not the same weights
# ema: true
# optim.name: adamw
