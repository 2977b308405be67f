# one run: a whole SVG with axes, legend and nothing left behind; the same bytes again
. "$ROOT/tests/cli/rf-plot/log.inc"
mkdir run && log 100 >run/log.tsv
rf-plot -o loss.svg run/log.tsv && rf-plot run/log.tsv | cmp loss.svg && words loss.svg
head -n 1 loss.svg && tail -n 2 loss.svg && ls
#out
# loss (nats per token)
# step
# unigram model
# training
# evaluation
# <?xml version="1.0" encoding="utf-8"  standalone="no"?>
# </svg>
#
# loss.svg
# run
