# marks that accents stripped put into another order: the places are those of Hugging Face
# (tests/golden/wordpiece/offsets.py)
for line in '\U0001e017\u065c' '\ua677\u1ce1\u302c\U0001e00c\u0ac3' '\u0329\U00011834\U00011634\u0d48\u1939\U0001d171\u065d' \
    '\U0001e8d2\U0001da34\u20d4\U000e01e9\U0001e000\u031c\u0313' '가\u302f\u0344\u0301\u302eb' '\U0001d15e\u302e\u0f73b\u302f'; do
    printf "$line\n"
done >lines
wp-encode -f jsonl -V "$ROOT/tests/golden/wordpiece/hard-vocab.txt" --strip-accents lines | sed 's/.*"offsets"//'
#out
# :[[1,2]]}
# :[[1,3]]}
# :[[1,5]]}
# :[[5,6]]}
# :[[0,1],[1,2],[2,3],[5,6]]}
# :[[0,2],[2,3],[3,4],[4,5]]}
