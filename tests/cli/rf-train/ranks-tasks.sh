# ranks learn every task with the bits of one
. "$ROOT/tests/cli/rf-train/ranks.inc"
awk 'length($0) > 20 { n++; print (n % 3 ? (n % 3 == 1 ? "one" : "two") : "three") "\t" $0 }' corpus.txt | head -n 60 >all.tsv
head -n 40 all.tsv >classes.tsv
tail -n 20 all.tsv >dev.tsv
classify-encode -q -l 64 -o classes.rfs classes.tsv
classify-encode -q -l 64 -o dev.rfs --classes-of classes.rfs dev.tsv
good=$ROOT/tests/golden/shard/good
cp "$good/0033-packed-qa.rfs" "$good/0029-qa.rfs" .
compare() { # NAME OPTION...
    local name=$1
    shift
    for n in 1 2 4; do several "$n" "$name-$n" "$@"; done
    alike "$name" "$name"-[124]
}
compare clm --data.task clm --model.causal
compare electra --data.task electra --generator.dim 16 --generator.heads 2 --optim.ema 0.9
compare muon-electra --data.task electra --generator.dim 16 --generator.heads 2 --optim.name muon --model.tied_embedding
compare classify --data.task classify --data.train classes.rfs --data.eval dev.rfs --train.keep_best --train.best score
compare qa --data.task qa --data.train 0033-packed-qa.rfs --data.eval 0029-qa.rfs --data.vocab= --model.chunk 4
cut -f 21- classify-4/run/log.tsv | tail -n 1 | grep -c '[0-9]'
#out
# clm: alike
# electra: alike
# muon-electra: alike
# classify: alike
# qa: alike
# 1
