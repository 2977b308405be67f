printf '%s\n' 'Caf\303\251 caf\303\251 CAFE' | sed 's/\\303\\251/\xc3\xa9/g' >text
wp-train --size 30 --min-frequency 3 text | tail -n +6 | paste -sd' '
wp-train --size 30 --min-frequency 3 --lower-case text | tail -n +6 | paste -sd' '
wp-train --size 30 --min-frequency 3 --lower-case --strip-accents text | tail -n +6 | paste -sd' '
wp-train -q --size 30 --limit-alphabet 2 --min-frequency 1 text | tail -n +6 | paste -sd' '
echo '{"text": "ab ab"}' | wp-train -q --jsonl text | tail -n +6 | paste -sd' '
#out
# A C E F a c f é ##a ##f ##é ##A ##E ##F
# a c e f é ##a ##f ##e ##é ca caf
# a c e f ##a ##e ##f ca ##fe cafe
# C a ##a Ca
# a b ##b ab
#err
# wp-train: only 19 tokens: no other pair occurs 3 times
# wp-train: only 16 tokens: no other pair occurs 3 times
# wp-train: only 15 tokens: no other pair occurs 3 times
