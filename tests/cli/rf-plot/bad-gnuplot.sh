# a gnuplot that fails, says nothing, dies, or stops in the middle; the old picture stays
. "$ROOT/tests/cli/rf-plot/log.inc"
log 20 >log.tsv
mkdir bin && echo old >x.svg
gnuplot_is() { printf '#!/bin/sh\n%s\n' "$1" >bin/gnuplot && chmod +x bin/gnuplot && PATH=$PWD/bin:$PATH rf-plot -o x.svg log.tsv; }
gnuplot_is 'cat >/dev/null; printf "set term foo\n   ^\n   line 0: unknown terminal\n" >&2; exit 1'
gnuplot_is 'exit 3'
gnuplot_is 'kill -9 $$'
gnuplot_is 'echo "<svg>"'
gnuplot_is 'exit 0'
cat x.svg && ls
#out
# old
# bin
# log.tsv
# x.svg
#err
# rf-plot: gnuplot failed: unknown terminal
# rf-plot: gnuplot failed: no reason given
# rf-plot: gnuplot was killed by signal 9
# rf-plot: gnuplot gave no whole picture
# rf-plot: gnuplot gave no whole picture
