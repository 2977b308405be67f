# the head of a real dump
dump=$ROOT/../shared/data/dumps/namuwiki_sample.json
[ -f "$dump" ] || { echo 'no sample of a dump' >&2; exit 77; }
namu-text "$dump" >text
wc -lc <text
sha256sum <text
# no markup is left
grep -cE "\[\[|\]\]|'''|\{\{\{|\}\}\}|~~|^ " text
true
