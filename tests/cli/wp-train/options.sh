printf '%s\n' 'Caf\303\251 caf\303\251 CAFE' | sed 's/\\303\\251/\xc3\xa9/g' >text
wp-train --size 30 --min-frequency 3 text | tail -n +6 | paste -sd' '
wp-train --size 30 --min-frequency 3 --lower-case text | tail -n +6 | paste -sd' '
wp-train --size 30 --min-frequency 3 --lower-case --strip-accents text | tail -n +6 | paste -sd' '
wp-train -q --size 30 --limit-alphabet 2 --min-frequency 1 text | tail -n +6 | paste -sd' '
echo '{"text": "ab ab"}' | wp-train -q --jsonl text | tail -n +6 | paste -sd' '
