# runs are called by their folders, or by their paths where folders have the same name
. "$ROOT/tests/cli/rf-plot/log.inc"
mkdir -p a/run b/run "it's" && log 20 >a/run/log.tsv && log 30 >b/run/log.tsv && log 9 >"it's/log.tsv"
rf-plot -o 1.svg a/run/log.tsv "it's/log.tsv" && words 1.svg
rf-plot -o 2.svg a/run/log.tsv b/run/log.tsv - <a/run/log.tsv && words 2.svg
#out
# loss (nats per token)
# step
# unigram model
# run
# it's
# evaluation
# loss (nats per token)
# step
# unigram model
# a/run/log.tsv
# b/run/log.tsv
# standard input
# evaluation
