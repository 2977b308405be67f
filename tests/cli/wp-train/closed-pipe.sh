wp-train -q "$CORPUS" | head -c 1 | wc -c
ls
#out
# 1
