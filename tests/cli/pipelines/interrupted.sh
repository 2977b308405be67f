# a pipeline whose training is stopped keeps the log and goes on; comments and no max_len are well too
. "$ROOT/tests/cli/rf-train/data.inc"
here=${PWD#"$ROOT/"} # make takes no spaces, which may stand in the root's name
mlm() {
    make -s -C "$ROOT" -f pipelines/mlm.mk BIN="$BIN" OUT="$here/out" CORPUS="$here/corpus.txt" \
        YAML="$here/$1" VOCAB_SIZE=1200 "$here/out/run/done" 2>err
    echo "exit $?"
    grep -o 'stopped at .*' err
}
steps() { cut -f 1 out/run/log.tsv | tr '\n' ' '; echo; }
{ cat tiny.yaml; echo '  log_every: 10'; echo '  stop_after: 30steps'; } >stop.yaml
mlm stop.yaml
steps
[ -e out/run/done ] || echo 'not done'
mlm stop.yaml
steps
mlm stop.yaml
shard-cat --info out/train.rfs | grep ^max-len
rm -r out
sed 's/^model:/&\n  max_len: 32 # short/' stop.yaml >short.yaml
mlm short.yaml
shard-cat --info out/train.rfs | grep ^max-len
#out
# exit 2
# stopped at step 30 of 40 as asked; start again to go on
# step 10 20 20 30 
# not done
# exit 0
# step 10 20 20 30 40 40 
# exit 0
# max-len: 512
# exit 2
# stopped at step 30 of 40 as asked; start again to go on
# max-len: 32
