for n in 0 6 7 500; do
    echo "== $n"
    echo '“갔다. 왔다.” 그리고 (비가 왔다. 눈도 왔다.' | split-sentences --no-titles --max-quote $n
done
