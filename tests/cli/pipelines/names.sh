# names that make cannot have are refused at once, in a line; several corpora are one; a folder of any name is a home; settings stay
. "$ROOT/tests/cli/rf-train/data.inc"
unset CORPUS # a setting of the pipelines too
pipeline() { # NAME ARGUMENTS
    make -s -C "$home" -f "pipelines/$1.mk" BIN="$BIN" "${@:2}" 2>&1 | sed "s|$PWD/||g"
}
home=$ROOT
pipeline mlm OUT='runs/my run'
pipeline mlm OUT=runs/a:b
pipeline mlm OUT="it's"
pipeline mlm OUT=
pipeline mlm OUT=out YAML='my settings.yaml'
pipeline mlm OUT=out CORPUS='my text.txt'
pipeline bert-grid OUT='a b' tiny
pipeline bert-grid CORPUS='none.txt' tiny
pipeline duplication OUT='a b'
pipeline corpus OUT='a b' kowiki
pipeline corpus FILE='a b.json' namuwiki
ls

echo '== several corpora, a home with a space, a quote in the line to fill'
home="$PWD/the tools"
mkdir "$home"
(cd "$ROOT" && cp -r --parents pipelines tests/deps Makefile "$home")
sed -n '/^$/q; p' corpus.txt >one.txt
sed '1,/^$/d' corpus.txt >other.txt
quick() { pipeline mlm OUT="../$1" YAML=../tiny.yaml VOCAB_SIZE=1200 "${@:2}"; }
quick together CORPUS=../corpus.txt ../together/eval.rfs >log || cat log
quick out CORPUS='../one.txt ../other.txt' FILL="'세종'은 [MASK]" >log || cat log
for f in vocab.txt train.rfs eval.rfs; do
    cmp <(shard-cat "together/$f" 2>/dev/null || cat "together/$f") <(shard-cat "out/$f" 2>/dev/null || cat "out/$f") && echo same "$f"
done
tail -n 1 log | cmp - out/filled.txt && grep -o "^'세종'은" out/filled.txt
quick out CORPUS='../one.txt ../other.txt' SEED=2 # what other settings made is not taken for these
cp one.txt late.txt && touch -r corpus.txt late.txt
quick out CORPUS=../late.txt
quick out CORPUS='../one.txt ../other.txt' FILL='그는 [MASK]' | tail -n 1 | grep -o '^그는'
#out
# pipelines/names.mk:6: *** OUT='runs/my run': the name of a file may not hold spaces here.  Stop.
# pipelines/names.mk:7: *** OUT='runs/a:b': the name of a file may not hold : here.  Stop.
# pipelines/names.mk:7: *** OUT='it's': the name of a file may not hold ' here.  Stop.
# pipelines/names.mk:11: *** OUT is empty.  Stop.
# pipelines/names.mk:6: *** YAML='my settings.yaml': the name of a file may not hold spaces here.  Stop.
# pipelines/names.mk:9: *** CORPUS='my text.txt': there is no file 'my'; names are parted by spaces and hold none.  Stop.
# pipelines/names.mk:6: *** OUT='a b': the name of a file may not hold spaces here.  Stop.
# pipelines/names.mk:9: *** CORPUS='none.txt': there is no file 'none.txt'; names are parted by spaces and hold none.  Stop.
# pipelines/names.mk:6: *** OUT='a b': the name of a file may not hold spaces here.  Stop.
# pipelines/names.mk:6: *** OUT='a b': the name of a file may not hold spaces here.  Stop.
# pipelines/names.mk:6: *** FILE='a b.json': the name of a file may not hold spaces here.  Stop.
# corpus.txt
# eval.rfs
# tiny.yaml
# tokens.rfs
# train.rfs
# vocab.txt
# == several corpora, a home with a space, a quote in the line to fill
# same vocab.txt
# same train.rfs
# same eval.rfs
# '세종'은
# pipelines/text.mk:8: *** ../out was made with 'SEED=1', not with 'SEED=2': give another OUT, or remove this one.  Stop.
# pipelines/text.mk:8: *** ../out was made with 'CORPUS=../one.txt ../other.txt', not with 'CORPUS=../late.txt': give another OUT, or remove this one.  Stop.
# 그는
