# by the name's ending or by --format; 1800 by 1080
. "$ROOT/tests/cli/rf-plot/log.inc"
log 20 >log.tsv
rf-plot -o loss.png log.tsv && rf-plot --format png log.tsv | cmp loss.png
od -A n -t x1 -N 8 loss.png && od -A n --endian=big -t d4 -j 16 -N 8 loss.png
#out
#  89 50 4e 47 0d 0a 1a 0a
#         1800        1080
