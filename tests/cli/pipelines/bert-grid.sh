# bert-grid.mk: `sizes` needs no corpus and trains nothing; a size's cost is said before it is trained, once
grid() { make -s -C "$ROOT" -f pipelines/bert-grid.mk BIN="$BIN" OUT="$PWD/out" YAML="$PWD/grid.yaml" "$@" 2>err || cat err; }
blur() { sed -E 's/[0-9]+\.[0-9]+/X/g; s/  */ /g'; }
cat >grid.yaml <<'END'
model: {max_len: 32, chunk: 8, rounds: 1}
train: {batch: 2, steps: 2, memory: 64M}
END
grid sizes | awk '{ print NF, $1 }' | sed -n '1p;2p;25p;$='
ls
head -n 400 "$CORPUS" >corpus.txt
grid CORPUS="$PWD/corpus.txt" VOCAB_SIZE=1200 cost tiny mini | blur
find out -name '*-*'
grid CORPUS="$PWD/corpus.txt" VOCAB_SIZE=1200 tiny | blur
grid CORPUS="$PWD/corpus.txt" VOCAB_SIZE=1200 tiny mini | blur
find out -name done | sort
#out
# 5 size
# 7 L-2_H-128
# 7 L-12_H-768
# 25
# err
# grid.yaml
# size parameters memory a step time 2 steps
# L-2_H-128 X M X GB X TFLOP X s X h
# L-4_H-256 X M X GB X TFLOP X s X h
# size parameters memory a step time 2 steps
# L-2_H-128 X M X GB X TFLOP X s X h
# size parameters memory a step time 2 steps
# L-4_H-256 X M X GB X TFLOP X s X h
# out/L-2_H-128/done
# out/L-4_H-256/done
