# perplexity and learning rate; tokens and seconds
. "$ROOT/tests/cli/rf-plot/log.inc"
log 1000 >log.tsv
rf-plot --what perplexity --by tokens -o a.svg log.tsv && words a.svg
rf-plot --what lr --by seconds -o b.svg log.tsv && words b.svg
#out
# perplexity
# tokens (millions)
# unigram model
# training
# evaluation
# learning rate
# time of training (s)
