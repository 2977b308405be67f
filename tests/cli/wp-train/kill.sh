# killed at any moment, no tool of text leaves half a file under a name, nor any other but its .tmp
# slow
for _ in $(seq 8); do cat "$CORPUS"; done >text
seq 1000000 1200000 >>text
{
    printf '<mediawiki>'
    for i in $(seq 30000); do echo "<page><title>$i</title><ns>0</ns><revision><text>[[가|나 $i]]</text></revision></page>"; done
    printf '</mediawiki>'
} >dump
{ printf '['; for i in $(seq 60000); do printf '{"namespace":"0","title":"%s","text":"[[가|나]] 다"},' "$i"; done; echo '{"namespace":"0","title":"b","text":"a"}]'; } >namu
run() { # TOOL FILE, in a shell of its own
    case $1 in
    wp-train) exec wp-train -q --size 3000 --memory 41M --report "$2-2" -o "$2" text ;;
    counts) exec wp-train -q --counts-out "$2" text ;;
    split-sentences) exec split-sentences -q -o "$2" text ;;
    text-filter) exec text-filter -q --report "$2-2" -o "$2" text ;;
    wiki-text) exec wiki-text -q --report "$2-2" -o "$2" dump ;;
    namu-text) exec namu-text -q -o "$2" namu ;;
    wp-encode) exec wp-encode -q -V whole-wp-train -o "$2" text ;;
    wp-decode) exec wp-decode -q -V whole-wp-train -o "$2" whole-wp-encode ;;
    esac
}
for tool in wp-train counts split-sentences text-filter wiki-text namu-text wp-encode wp-decode; do
    (run $tool whole-$tool) || echo "$tool failed"
    for i in $(seq 8); do
        rm -f out*
        run $tool out 2>/dev/null &
        sleep "0.$((RANDOM % 5))$((RANDOM % 10))"
        kill -KILL $! 2>/dev/null
        wait $! 2>/dev/null
        for f in out out-2; do
            [ ! -e $f ] || cmp $f "whole-$tool${f#out}" || echo "$tool: half a file"
        done
        ls -A | grep -v '^out$\|^out-2$\|^out\(-2\)\?\.tmp$\|^whole-\|^text$\|^dump$\|^namu$'
    done
    (run $tool out) && cmp out whole-$tool && echo $tool
done
#out
# wp-train
# counts
# split-sentences
# text-filter
# wiki-text
# namu-text
# wp-encode
# wp-decode
