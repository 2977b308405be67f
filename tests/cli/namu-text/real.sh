# the head of a real dump
dump=$ROOT/../shared/data/dumps/namuwiki_sample.json
[ -f "$dump" ] || { echo 'no sample of a dump' >&2; exit 77; }
namu-text "$dump" >text
wc -lc <text
sha256sum <text
# no markup is left
grep -cE "\[\[|\]\]|'''|\{\{\{|\}\}\}|~~|^ " text
true
#out
#   17 3456
# 389fb5bdf042014f3a616cedab6f4cea0069eb381180d869540e98aa7c02ca54  -
# 0
