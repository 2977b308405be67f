# wrong use
rf-plot 2>&1 | head -n 1
rf-plot --what colour log.tsv 2>&1 | head -n 1
rf-plot --by night log.tsv 2>&1 | head -n 1
rf-plot -o x.pdf log.tsv
#out
# rf-plot: missing operand: log.tsv ...
# rf-plot: bad value 'colour' for 'what': must be loss, perplexity, bits, lr, electra, replaced, score
# rf-plot: bad value 'night' for 'by': must be step, tokens, seconds, epoch
#err
# rf-plot: 'x.pdf' ends neither in .svg nor in .png: use --format
#exit 2
