# A mistyped name gets the nearest one that there is, if one is near.
mask-tokens --sed 3
mask-tokens --seedd=3
mask-tokens --no-wholeword
shard-wiki --max_len 8
wp-encode --quite
wp-encode --xyzzy
rf-train --optim.beta 1
wp-train -한
# Options with a section are also found by their last part.
rf-train --lr 1
# Keys of a file and of --set, sections, and the values of choices.
printf 'modle:\n  dim: 8\n' >section.yaml
rf-train -c section.yaml
printf 'model:\n  dimm: 8\n' >key.yaml
rf-train -c key.yaml
printf 'model:\n  temperature: 8\n' >far.yaml
rf-train -c far.yaml
rf-train --set optim.lrr=1
rf-train --set temperature=1
rf-train --set optim.lr
rf-train --optim.name adma
wp-encode --format jsnol
wp-encode --completion zhs
#err
# mask-tokens: unknown option '--sed', did you mean '--seed'?
# Try 'mask-tokens --help'.
# mask-tokens: unknown option '--seedd', did you mean '--seed'?
# Try 'mask-tokens --help'.
# mask-tokens: unknown option '--no-wholeword', did you mean '--no-whole-word'?
# Try 'mask-tokens --help'.
# shard-wiki: unknown option '--max_len', did you mean '--max-len'?
# Try 'shard-wiki --help'.
# wp-encode: unknown option '--quite', did you mean '--quiet'?
# Try 'wp-encode --help'.
# wp-encode: unknown option '--xyzzy'
# Try 'wp-encode --help'.
# rf-train: option '--optim.beta' is not clear: --optim.beta1, --optim.beta2
# Try 'rf-train --help'.
# wp-train: unknown option: its letter is not ASCII
# Try 'wp-train --help'.
# rf-train: unknown option '--lr', did you mean '--optim.lr'?
# Try 'rf-train --help'.
# rf-train: unknown section 'modle' in 'section.yaml', line 2, did you mean 'model'?
# Try 'rf-train --help'.
# rf-train: unknown key 'model.dimm' in 'key.yaml', line 2, did you mean 'model.dim'?
# Try 'rf-train --help'.
# rf-train: unknown key 'model.temperature' in 'far.yaml', line 2
# Try 'rf-train --help'.
# rf-train: unknown key in 'optim.lrr=1' of --set, did you mean 'optim.lr'?
# Try 'rf-train --help'.
# rf-train: unknown key in 'temperature=1' of --set, did you mean 'generator.temperature'?
# Try 'rf-train --help'.
# rf-train: no value in 'optim.lr': --set takes key=value
# Try 'rf-train --help'.
# rf-train: bad value 'adma' for 'optim.name': must be adamw, adafactor, lion, muon; did you mean 'adamw'?
# Try 'rf-train --help'.
# wp-encode: bad value 'jsnol' for 'format': must be shard, ids, pieces, jsonl; did you mean 'jsonl'?
# Try 'wp-encode --help'.
# wp-encode: bad value 'zhs' for 'completion': must be bash, zsh; did you mean 'zsh'?
# Try 'wp-encode --help'.
#exit 2
