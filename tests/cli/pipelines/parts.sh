# A text in parts gives the vocabulary and the sequences of the whole text, byte for byte: a wiki's multistream dump,
# extracted and filtered, beside the tools on the whole; plain and compressed texts without and with titles. A part that
# is lost is made again alone.
. "$ROOT/tests/cli/rf-train/data.inc" # tiny.yaml
. "$ROOT/tests/cli/pipelines/dump.inc"
unset CORPUS                          # a setting of the pipelines too
here=${PWD#"$ROOT/"}
export PAUSE=0
pipeline() { make -s -C "$ROOT" -f pipelines/mlm.mk BIN="$BIN" YAML="$here/tiny.yaml" VOCAB_SIZE=1500 "$@"; }
equal() { # FOLDER FOLDER
    local f
    for f in vocab.txt train.rfs eval.rfs; do cmp "$1/$f" "$2/$f" || return; done
    echo equal
}

echo == a dump
dump dump.xml.bz2
cp "$ROOT/pipelines/corpus-ko-2.txt" .
whole() {
    mkdir "$1"
    wp-train -q --size 1500 -o "$1/vocab.txt" text
    wp-encode -q -V "$1/vocab.txt" text |
        shard-wiki --coding plain --eval-share 10% --train "$1/train.rfs" --eval "$1/eval.rfs"
}
wiki-text -q dump.xml.bz2 | split-sentences -q | text-filter -q --near 0.7 --min-line 10 >text
whole whole
wiki() { pipeline CORPUS="$here/dump.xml.bz2" EXTRACT='wiki-text -q | split-sentences -q' FILTER='--near 0.7 --min-line 10' "$@"; }
for parts in 1 7; do
    wiki OUT="$here/dump-$parts" PARTS=$parts JOBS=2 "$here/dump-$parts/train.rfs" 2>log || cat log
    grep -vc '^#' dump-$parts/parts/list
    equal whole dump-$parts
    cat dump-$parts/parts/?.kept | cmp - text
    wc -c <dump-$parts/parts/$((parts - 1)).kept
done
cp dump-7/train.rfs before
rm dump-7/parts/3.{txt,rfs} dump-7/train.rfs
: >dump-7/parts/stamp
wiki OUT="$here/dump-7" PARTS=7 "$here/dump-7/train.rfs" 2>log || cat log
cmp before dump-7/train.rfs
find dump-7/parts -newer dump-7/parts/stamp -type f -printf '%f\n' | sort | tr '\n' ' '

echo && echo == plain texts
printf '가나 다라.\n마바.\n\n\n사아.\n자차 카.\n \n\n타.\n\n\t\n\n파하.\n거너.\n' >small.txt
sed -n '/^$/q; p' "$ROOT/pipelines/corpus-ko.txt" | zstd -q >one.txt.zst
texts=("$here/small.txt" "$here/one.txt.zst" "$here/corpus-ko-2.txt")
pipeline CORPUS="${texts[*]}" OUT="$here/plain" "$here/plain/train.rfs" 2>log || cat log
pipeline CORPUS="${texts[*]}" OUT="$here/parts" JOBS=2 PARTS=50 "$here/parts/train.rfs" 2>log || cat log
grep -c 'corpus-ko-2.txt' parts/parts/list
equal plain parts
awk '{ print } END { print "" }' small.txt >text
zstd -dc one.txt.zst >>text
{ echo; cat corpus-ko-2.txt; echo; } >>text
text-filter -q --min-doc 3 text >kept.txt
pipeline CORPUS="${texts[*]}" OUT="$here/kept" EXTRACT='text-filter -q --near 0 --no-dup-docs' FILTER='--min-doc 3' \
    PARTS=50 "$here/kept/vocab.txt" 2>log || cat log
ls kept/parts/*.kept | sort -t / -k 3n | xargs cat | cmp - kept.txt && echo equal

echo == what goes wrong
printf '가나.\n\n\377\n' >bad.txt
pipeline CORPUS="$here/bad.txt" OUT="$here/bad" JOBS=2 TRIES=2 "$here/bad/vocab.txt" 2>&1 | sed "s|$here/||g; s/mk:[0-9]*/mk/"
rm -f bad/parts/list
ls bad/parts
pipeline CORPUS="$here/small.txt" OUT="$here/bad" FILTER=--dup-lines TRIES=1 "$here/bad/vocab.txt" 2>&1 | sed "s|$here/||g; s/mk:[0-9]*/mk/"
#out
# == a dump
# 1
# equal
# 291233
# 7
# equal
# 0
# 3.rfs 
# == plain texts
# 44
# equal
# equal
# == what goes wrong
# wp-train: not UTF-8 in 'standard input', line 3, byte 9 of the text
# wp-train: not UTF-8 in 'standard input', line 3, byte 9 of the text
# part: step count of part 0 failed: 'bad.txt', 11 bytes from byte 0 on
# make: *** [pipelines/parts.mk: bad/vocab.txt] Error 1
# text-filter: --dup-lines needs the whole text: signatures do not know lines
# part: step sign of part 0 failed: 'small.txt', 24 bytes from byte 0 on
# text-filter: --dup-lines needs the whole text: signatures do not know lines
# part: step sign of part 1 failed: 'small.txt', 30 bytes from byte 24 on
# text-filter: --dup-lines needs the whole text: signatures do not know lines
# part: step sign of part 2 failed: 'small.txt', 19 bytes from byte 54 on
# make: *** [pipelines/parts.mk: bad/vocab.txt] Error 1
