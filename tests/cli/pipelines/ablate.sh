# ablate.mk: each change with each seed for as long; what is trained stays while its settings do
here=${PWD#"$ROOT/"} # make takes no spaces, which may stand in the root's name
head -n 700 "$CORPUS" >corpus.txt
cat >mlm.yaml <<'END'
model: {dim: 32, depth: 1, heads: 2, chunk: 16, rounds: 1, ff_mult: 2, max_len: 32}
optim: {lr: 0.01, warmup: 5}
train: {batch: 4, log_every: 5, eval_every: 0, save_every: 0}
END
cat >clm.yaml <<'END'
model: {dim: 32, depth: 1, heads: 2, chunk: 16, rounds: 1, ff_mult: 2, max_len: 32, causal: true}
data: {task: clm}
optim: {lr: 0.01, warmup: 5}
train: {batch: 4, log_every: 5, eval_every: 0, save_every: 0}
END
cat >changes.txt <<'END'
# name     settings

still      optim.lr=0
hidden-30  data.mask_rate=30% optim.ema=0.9
END
ablate() {
    make -s -C "$ROOT" -f pipelines/ablate.mk BIN="$BIN" OUT="$here/out" BASE="$here/mlm.yaml" CORPUS="$here/corpus.txt" \
        CHANGES="$here/changes.txt" VOCAB_SIZE=1600 "$@" 2>err || cat err
}
blur() { sed -E 's/[0-9]+ \| [0-9]+ \| [0-9.]+ GB/tokens | speed | memory/; s/-?\+?[0-9]+\.[0-9]{4}/X/g'; }
ablate SEEDS='1 2' TOKENS=3K >table
blur <table
cmp table out/table.md
awk -F ' *[|] *' '$2 == "base" { base = $4 } $2 == "still" && $4 > base && $6 > 0 { print "what does not learn is worse" }' table
awk -F ' *[|] *' '$2 ~ /^[a-z]+/ && $2 != "trial" && ($7 < 3000 || $7 > 3200) { print $2, "saw", $7, "tokens" }' table
fell() { awk -F '\t' 'NR == 1 { while ($++i != "lr"); next } { lr = $i } END { print lr < 0.005 ? "the rate fell" : lr }' "$1"; }
fell out/base-1/log.tsv
grep -hE ' (mask_rate|ema|schedule|stop_after):' out/settings/hidden-30.yaml
[ -s out/loss.svg ] && rm out/loss.svg

echo '== what stays, what is trained anew'
sed -i 's/optim.lr=0$/optim.lr=0.02/' changes.txt
stat -c '%n %y' out/*/done >before
ablate SEEDS='1 2' TOKENS=3K | blur
diff before <(stat -c '%n %y' out/*/done) | sed -n 's/^> \(.*\)done.*/\1/p'

echo '== a limit of time, and a causal model'
ablate BASE="$here/clm.yaml" OUT="$here/clm" CHANGES="$here/one.txt" | sed "s|.*\*\*\*|***|; s|$here|NAME|g"
echo 'z train.z_loss=0.001' >one.txt
ablate BASE="$here/clm.yaml" OUT="$here/clm" SEEDS=1 TIME=3s CHANGES="$here/one.txt" | blur
ckpt-info clm/z-1 | grep -o "^decay_step"

echo '== a trial that a signal stops is not done'
echo '# none' >none.txt
ablate OUT="$here/stopped" SEEDS=1 TOKENS=1G CHANGES="$here/none.txt" >/dev/null &
rows() { [ -e stopped/base-1/log.tsv ] && [ "$(wc -l <stopped/base-1/log.tsv)" -gt 1 ]; }
for ((i = 0; i < 600; i++)); do rows && break; sleep 0.1; done
kill -TERM "$(cat stopped/base-1/lock)"
wait
grep -o 'stopped at step .* as asked' err | sed 's/[0-9][0-9]*/N/g'
ckpt-info stopped/base-1 | grep limit_reached
[ -e stopped/base-1/done ] && echo 'it counts as done'
ckpt-info out/base-1 | grep limit_reached

echo '== refused'
ablate CHANGES=
for line in 'a b' 'base optim.lr=1' 'b/c optim.lr=1' "q optim.no_decay='x'" 'typo optim.rl=1'; do
    echo "$line" >one.txt
    ablate CHANGES="$here/one.txt" TIME=1s | grep -E '^rf-train:|[*][*][*]' | grep -v 'Error 2' | sed "s|$here|NAME|g"
done
#out
# | trial | settings | loss | spread | to base | tokens | tokens/s | memory |
# |---|---|---|---|---|---|---|---|
# | base |  | X | X | X | tokens | speed | memory |
# | still | optim.lr=0 | X | X | X | tokens | speed | memory |
# | hidden-30 | data.mask_rate=30% optim.ema=0.9 | X | X | X | tokens | speed | memory |
# what does not learn is worse
# the rate fell
#   mask_rate: 0.3
#   schedule: wsd
#   ema: 0.9
#   stop_after: 3Ktok
# == what stays, what is trained anew
# | trial | settings | loss | spread | to base | tokens | tokens/s | memory |
# |---|---|---|---|---|---|---|---|
# | base |  | X | X | X | tokens | speed | memory |
# | still | optim.lr=0.02 | X | X | X | tokens | speed | memory |
# | hidden-30 | data.mask_rate=30% optim.ema=0.9 | X | X | X | tokens | speed | memory |
# out/still-1/
# out/still-2/
# == a limit of time, and a causal model
# *** CHANGES='NAME/one.txt': there is no file 'NAME/one.txt'; names are parted by spaces and hold none.  Stop.
# | trial | settings | loss | spread | to base | tokens | tokens/s | memory |
# |---|---|---|---|---|---|---|---|
# | base |  | X | X | X | tokens | speed | memory |
# | z | train.z_loss=0.001 | X | X | X | tokens | speed | memory |
# decay_step
# == a trial that a signal stops is not done
# stopped at step N of N as asked
# limit_reached: true
# == refused
# pipelines/ablate.mk:52: *** give CHANGES=, a file of changes: a name and key=value a line.  Stop.
# rf-train: no value in 'b': --set takes key=value
# pipelines/ablate.mk:56: *** NAME/one.txt, line 1: the name base is taken or cannot be.  Stop.
# pipelines/ablate.mk:56: *** NAME/one.txt, line 1: the name b/c is taken or cannot be.  Stop.
# pipelines/ablate.mk:56: *** NAME/one.txt, line 1: settings are of letters, digits and _ . , : % + * ? / @ = -.  Stop.
# rf-train: unknown key in 'optim.rl=1' of --set
