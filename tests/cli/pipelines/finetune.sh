# korquad.mk and classify.mk on little: from a run of one's own, by two seeds, to a table with the spread
. "$ROOT/tests/cli/rf-train/data.inc"
here=${PWD#"$ROOT/"} # make takes no spaces, which may stand in the root's name
rf-train -q -c tiny.yaml --train.run mlm --train.steps 5
little() { # PIPELINE OPTION...
    local pipeline=$1
    shift
    sed 's/epochs: .*/epochs: 1/; s/eval_every: .*/eval_every: 9/; s/batch: .*/batch: 8/' "$ROOT/pipelines/$pipeline.yaml" >"$pipeline.yaml"
    make -s -C "$ROOT" -f "pipelines/$2.mk" BIN="$BIN" FROM="$here/mlm" OUT="$here/$pipeline" YAML="$here/$pipeline.yaml" "${@:3}" >log 2>err || cat err
    sed "s|$here/||g" log | sed -E 's/[0-9]+\.[0-9]+/X/g'
}
head -n 40 "$ROOT/pipelines/classes-train.tsv" >train.tsv
little classify - classify SEEDS='1 2' TRAIN="$here/train.tsv" | tail -n 7
ls classify classify/seed-2 | grep -v '^step-'
sed -n 's/^  \(head_dropout\|max_len\|task\): //p' classify/settings.yaml
cp "$ROOT/pipelines/qa-dev.json" qa.json
little qa - korquad MAX_QUERY=24 DOC_STRIDE=32 TRAIN="$here/qa.json" DEV="$here/qa.json" SEEDS=3
ls qa qa/seed-3 | grep -v '^step-'
# whole articles in shorter sequences; a folder's sequences are not taken for others
python3 -c 'import json; json.dump({"data": json.load(open("qa.json"))["data"][:2]}, open("two.json", "w"))'
two=(MAX_QUERY=24 DOC_STRIDE=16 TRAIN="$here/two.json" DEV="$here/two.json")
little qa - korquad "${two[@]}" ARTICLES=1 MAX_LEN=48 OUT="$here/articles"
shard-cat --info articles/train.rfs | grep -o 'max-len: .*\|max-len=.*join-paragraphs=true'
grep -o '^  max_len: .*' articles/settings.yaml
refused() { # PIPELINE YAML FOLDER OPTION...
    make -s -C "$ROOT" -f "pipelines/$1.mk" BIN="$BIN" FROM="$here/mlm" YAML="$here/$2.yaml" OUT="$here/$3" "${@:4}" 2>&1 |
        grep -v '^make:' | sed "s|$here/||g; s/^[^:]*:[0-9]*: //"
}
refused korquad qa articles "${two[@]}" MAX_LEN=48
refused korquad qa articles "${two[@]}" ARTICLES=1
refused korquad qa articles "${two[@]}" ARTICLES=1 MAX_LEN=48 LAYERS=full TRAIN="$here/qa.json"
refused korquad qa articles "${two[@]}" ARTICLES=yes
refused korquad qa long "${two[@]}" MAX_LEN=65
refused classify classify classify TRAIN="$here/train.tsv" LAYERS=full MAX_LEN=32
make -s -C "$ROOT" -f pipelines/classify.mk BIN="$BIN" FROM="$here" OUT="$here/x" 2>&1 | sed "s|$here|.|; s/^[^:]*:[0-9]*: //"
#out
# | seed | accuracy | macro-F1 |
# |---|---|---|
# | 1 | X | X |
# | 2 | X | X |
# | mean | X | X |
# | spread | X | X |
# the curves are in classify/loss.svg and classify/score.svg
# classify:
# dev.rfs
# loss.svg
# score.svg
# seed-1
# seed-2
# settings.yaml
# table.md
# train.rfs
#
# classify/seed-2:
# done
# lock
# log.tsv
# report
# score
# vocab.txt
# 64
# 10%
# classify
# | seed | EM | F1 |
# |---|---|---|
# | 3 | X | X |
# | mean | X | X |
# | spread | X | X |
# the curves are in qa/loss.svg and qa/score.svg, the answers in qa/seed-3/predictions.json
# qa:
# dev.rfs
# loss.svg
# score.svg
# seed-3
# settings.yaml
# table.md
# train.rfs
#
# qa/seed-3:
# done
# lock
# log.tsv
# nbest.json
# predictions.json
# score
# vocab.txt
# | seed | EM | F1 |
# |---|---|---|
# | 1 | X | X |
# | mean | X | X |
# | spread | X | X |
# the curves are in articles/loss.svg and articles/score.svg, the answers in articles/seed-1/predictions.json
# max-len: 48
# max-len=48 doc-stride=16 max-query=24 join-paragraphs=true
#   max_len: 64
# *** articles was made with 'ARTICLES=1', not with 'ARTICLES=': give another OUT, or remove this one.  Stop.
# *** articles was made with 'MAX_LEN=48', not with 'MAX_LEN=': give another OUT, or remove this one.  Stop.
# *** articles was made with 'TRAIN=two.json' 'LAYERS=', not with 'TRAIN=qa.json' 'LAYERS=full': give another OUT, or remove this one.  Stop.
# *** ARTICLES='yes' is not 1.  Stop.
# MAX_LEN=65: the model of mlm/step-00000005 has positions for 64 tokens
# *** classify was made with 'LAYERS=' 'MAX_LEN=', not with 'LAYERS=full' 'MAX_LEN=32': give another OUT, or remove this one.  Stop.
# *** there is no checkpoint in FROM='.'.  Stop.
