# wrong use
rf-plot 2>&1 | head -n 1
rf-plot --what colour log.tsv 2>&1 | head -n 1
rf-plot --by night log.tsv 2>&1 | head -n 1
rf-plot -o x.pdf log.tsv
