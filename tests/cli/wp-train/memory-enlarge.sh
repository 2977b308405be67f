# a vocabulary whose tokens come of a text again, and one that has tokens of others, in little memory
seq -f %.0f 100000 180000 | sed 's/./&가/3' | cat - "$CORPUS" >text
wp-train -q --size 2500 -o small text
{ head -n 1500 small; printf '%s\n' '##00' '1가0' 가나 '##9가9' '##가1' 20; } | sort -u >other
for vocab in small other; do
    wp-train -q -V $vocab --size 4500 --min-frequency 3 -o one text
    wp-train -q -V $vocab --size 4500 --min-frequency 3 --memory 43M -o two text && cmp one two && wc -l <two
done
# letters that look like the mark of a word's inside, so that a token becomes of several pairs
awk 'BEGIN { srand(7); for (i = 0; i < 30000; i++) { w = ""; for (n = 2 + int(rand() * 14); n; n--) w = w substr("ab##c", 1 + int(rand() * 5), 1); print w "\t" 1 + int(rand() * 3) } }' >short
wp-train -q --counts --size 3000 -o one short
wp-train -q --counts --size 3000 --memory 41M -o two short && cmp one two && echo same
#out
# 4500
# 4500
# same
