# a descriptor that is closed at the start is no empty input, no output, and takes no other file's place
printf '%s\n' 'one two' '' 'three' >text
wp-train -q --size 60 -o vocab.txt text
wp-encode -q -o tokens.rfs text
shard-wiki -q -o sequences.rfs tokens.rfs
mkdir out
say() { # STATUS: what a command wrote
    echo "$1"
    ls out
}
for command in 'wp-encode -o out/a' 'wp-encode -f ids -o out/a' 'wp-train -o out/a' 'wp-decode -o out/a' \
    'wiki-text -o out/a' 'namu-text -o out/a' 'modu-text -o out/a' 'split-sentences -o out/a' \
    'text-filter -o out/a' 'shard-wiki -o out/a' 'mask-tokens -o out/a' 'shard-cat -o out/a' \
    'rf-plot -o out/a.svg -' 'rf-train -q --train.run out/a --data.train -'; do
    $command <&-
    say $?
done
for command in 'wp-encode text' 'wp-encode -f ids text' 'wp-train text' 'wp-decode tokens.rfs' \
    'split-sentences text' 'text-filter text' 'shard-wiki tokens.rfs' 'mask-tokens sequences.rfs' \
    'shard-cat tokens.rfs' 'shard-cat --info tokens.rfs' 'wp-train --help' 'wp-train --version'; do
    $command >&-
    say $?
done
# what needs it not, does its work
wp-encode -o out/a text <&- >&- 2>&-
say $?
cmp out/a tokens.rfs
# nothing that is said ends in a file of a run
cp "$ROOT/tests/cli/rf-train/tiny.yaml" .
for i in 1 2 3; do
    case $i in
    1) rf-train tiny.yaml --train.run run$i --train.steps 2 --json --data.train sequences.rfs --data.eval '' >&- ;;
    2) rf-train tiny.yaml --train.run run$i --train.steps 2 --data.train sequences.rfs --data.eval '' 2>&- ;;
    3) rf-train tiny.yaml --train.run run$i --train.steps 2 --data.train sequences.rfs --data.eval '' <&- >&- 2>&- ;;
    esac
    echo $?
    grep -c . run$i/lock
    tail -n +2 run$i/log.tsv | cut -f 1
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
# 1
# 1
# 0
# a
# 1
# 1
# 2
# 0
# 1
# 2
# 0
# 1
# 2
#err
# wp-encode: cannot read 'standard input': Bad file descriptor
# wp-encode: cannot read 'standard input': Bad file descriptor
# wp-train: cannot read 'standard input': Bad file descriptor
# wp-decode: cannot read 'standard input': Bad file descriptor
# wiki-text: cannot read 'standard input': Bad file descriptor
# namu-text: cannot read 'standard input': Bad file descriptor
# modu-text: cannot read 'standard input': Bad file descriptor
# split-sentences: cannot read 'standard input': Bad file descriptor
# text-filter: cannot read 'standard input': Bad file descriptor
# shard-wiki: cannot read 'standard input': Bad file descriptor
# mask-tokens: cannot read 'standard input': Bad file descriptor
# shard-cat: cannot read 'standard input': Bad file descriptor
# rf-plot: cannot read 'standard input': Bad file descriptor
# rf-train: cannot read 'standard input': Bad file descriptor
# wp-encode: cannot write 'standard output': Bad file descriptor
# wp-encode: cannot write 'standard output': Bad file descriptor
# wp-train: only 18 tokens: no other pair occurs 2 times
# wp-train: cannot write 'standard output': Bad file descriptor
# wp-decode: cannot write 'standard output': Bad file descriptor
# split-sentences: cannot write 'standard output': Bad file descriptor
# text-filter: cannot write 'standard output': Bad file descriptor
# shard-wiki: cannot write 'standard output': Bad file descriptor
# mask-tokens: cannot write 'standard output': Bad file descriptor
# shard-cat: cannot write 'standard output': Bad file descriptor
# shard-cat: cannot write 'standard output': Bad file descriptor
# wp-train: cannot write 'standard output': Bad file descriptor
# wp-train: cannot write 'standard output': Bad file descriptor
# rf-train: cannot write 'standard output': Bad file descriptor
