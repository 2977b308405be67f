# electra.mk on little: two models, and their pictures
. "$ROOT/tests/cli/rf-train/data.inc"
here=${PWD#"$ROOT/"} # make takes no spaces, which may stand in the root's name
{ sed 's/^model:/generator:\n  dim: 16\n&\n  max_len: 32/' tiny.yaml; printf 'data:\n  task: electra\n'; } >electra.yaml
make -s -C "$ROOT" -f pipelines/electra.mk BIN="$BIN" OUT="$here/out" CORPUS="$here/corpus.txt" YAML="$here/electra.yaml" \
    VOCAB_SIZE=1200 >log 2>err || cat err
sed "s|$here/||g" log | blur
ls out
grep -o '>discriminator<' out/losses.svg
#out
#
# the generator: loss X, X % of the masked words right
# the discriminator: loss X; it finds X % of the replaced words, and is right of X % that it names
# the curves are in out/loss.svg, out/losses.svg and out/replaced.svg
# eval.rfs
# eval.tsv
# loss.svg
# losses.svg
# replaced.svg
# run
# train.rfs
# vocab.txt
# >discriminator<
