# a line of JSON takes a few times its length, whatever is in it
limit() { ldd "$BIN/split-sentences" | grep -q san || ulimit -v "$1"; } # sanitizers need more
many() { yes "$1" | tr -d '\n' | head -c 18000000; } # of 2, 3, 5, 6 or 9 bytes
for member in '1,' '{},' '[[]],' '"",'; do
    for text in '가 나. ' '\u0001' '\"'; do
        { printf '{"x":['; many "$member"; printf '0],"text":"'; many "$text"; printf '"}\n'; } |
            (limit 150000; split-sentences --jsonl text >out) || echo "$member $text"
        wc -l <out
    done
done
#out
# 1
# 1
# 1
# 1
# 1
# 1
# 1
# 1
# 1
# 1
# 1
# 1
