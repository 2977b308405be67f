# what Hugging Face's trainer found, but for the order of the alphabet and of ties that hang on it
wp-train --size 4000 "$CORPUS" >vocab.txt
wc -l <vocab.txt
golden=$ROOT/tests/golden/wordpiece/vocab.txt
cmp <(head -n 1301 vocab.txt) <(head -n 1301 "$golden") && echo same specials and characters
cmp <(sed -n 1302,2175p vocab.txt | sort) <(sed -n 1302,2175p "$golden" | sort) && echo same ones inside words
[ "$(comm -3 <(sort vocab.txt) <(sort "$golden") | wc -l)" -le 4 ] && echo few others
#out
# 4000
# same specials and characters
# same ones inside words
# few others
