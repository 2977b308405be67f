# what came so far stays for the next time, and no corpus
. "$ROOT/tests/cli/corpus/site.inc"
dump kowiki 20260101 && status kowiki 20260101 done "$(entry "$file")"
serve break=4
corpus kowiki | sed 's/[0-9]* of [0-9]* bytes/N of N bytes/'
found
corpus kowiki
found
