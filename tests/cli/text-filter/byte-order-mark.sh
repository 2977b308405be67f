# a byte order mark at the start of a file is not text; elsewhere it is
mark=$'\357\273\277'
printf '%s같은 줄이다.\n다른 줄이다.\n같은 줄이다.\n' "$mark" >marked
text-filter --lines --near 0 --dup-lines marked | od -An -c | head -n 1
gzip -k marked
text-filter --lines --near 0 --dup-lines marked marked.gz
echo == in pieces, alone, cut, not at the start
for byte in '\357' '\273' '\277' 'a\nb\n'; do printf "$byte"; sleep 0.1; done | text-filter --lines
for text in "$mark" "$mark\n" "\n$mark"; do printf "$text" | text-filter --lines | od -An -c; done
printf '\357\273' | text-filter
echo == JSON lines
printf '%s{"text":"a b"}\n{"text":"a b"}\n' "$mark" | text-filter --jsonl text --near 0
echo == places count it
printf '%sab\377\n' "$mark" | text-filter
echo == UTF-16
for code in UTF-16LE UTF-16BE UTF-16; do iconv -f UTF-8 -t $code marked | text-filter; done
#out
#  352 260 231 354 235 200     354 244 204 354 235 264 353 213 244
# 같은 줄이다.
# 다른 줄이다.
# == in pieces, alone, cut, not at the start
# a
# b
#   \n
#   \n 357 273 277  \n
# == JSON lines
# {"text":"a b"}
# == places count it
# == UTF-16
#err
# text-filter: not UTF-8 in 'standard input', line 1, byte 0 of the text
# text-filter: not UTF-8 in 'standard input', line 1, byte 5 of the text
# text-filter: 'standard input' is UTF-16, not UTF-8
# text-filter: 'standard input' is UTF-16, not UTF-8
# text-filter: 'standard input' is UTF-16, not UTF-8
#exit 1
