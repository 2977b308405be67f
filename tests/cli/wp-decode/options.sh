cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

echo 'a[MASK]b, "c"! it'"'"'s é' | wp-encode -f ids >ids
wp-decode --ids ids
wp-decode --ids --keep-special ids
wp-decode --ids --no-clean ids
wp-decode --ids -o text <ids && cat text && ls
#out
# a b, " c " it ' s
# a [MASK] b, " c " [UNK] it ' s [UNK]
# a b , " c " it ' s
# a b, " c " it ' s
# ids
# text
# vocab.txt
