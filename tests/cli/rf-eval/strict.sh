# what a causal model says of a label if it is shown nothing behind it: where later tokens have no say, the same
. "$ROOT/tests/cli/rf-score/model.inc"
rf-train "${clm[@]}" --train.run chunked --model.lsh_layout chunked
rf-train "${clm[@]}" --train.run memory --train.steps 20 --model.mem_kv 4
column() { awk -F '\t' -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next } { print $c[name] }'; }
blur() { sed -E 's/-?[0-9]+\.[0-9e-]+/X/g'; }
alike() { # forced, strict and step are one number, kl is 0
    awk -F '\t' 'NR > 1 { print $1, $8, ($9 > 0 && $9 == $10 && $9 == $12 && $11 == "0.000000" && $13 == "0" ? "alike" : $0) }'
}
rf-eval -V vocab.txt --strict eval.rfs seen=train.rfs >table.txt
blur <table.txt
alike <table.txt
cmp <(cut -f 1-7 table.txt) <(rf-eval -V vocab.txt eval.rfs seen=train.rfs) && echo 'the other columns stay'
rf-eval --strict --set 'model.lsh_layout=chunked model.full_attn=true' eval.rfs | alike
# however many are computed together, and at any number of threads
cmp <(rf-eval --strict --batch 1 -j 1 eval.rfs) <(rf-eval --strict --batch 8 -j 2 eval.rfs)
# chunked: later tokens have a say; alone in its batch, a sequence is computed as rf-eval without --strict does
rf-eval -m chunked --strict --batch 1 --positions 0 eval.rfs >table.txt
cut -f 1-11 table.txt | blur
awk -F '\t' 'NR == 2 { d = $9 - $4; print $9 == $10 ? "no gap" : "a gap", d * d < 1e-11, $8 == $3 }' table.txt
awk -F '\t' 'NR == 2 { d = 100 * (exp($10 - $9) - 1) - $11; print d * d < 1e-6 }' table.txt
cmp <(rf-eval -m chunked --strict eval.rfs | cut -f 8-) <(cut -f 8- table.txt) && echo 'no padding'
# a model that cannot go on token by token
rf-eval -m memory --strict eval.rfs | blur
# all labels; so many of each sequence
rf-eval --strict --positions 0 eval.rfs | awk 'NR == 2 { print $8 == $3 }'
rf-eval --strict --positions 5 eval.rfs | column positions
# those in the middles of equal parts: a label is what the loss from it on has and the loss behind it has not
shard-cat -f shard -n 1 -o one.rfs train.rfs
labels=$(rf-eval one.rfs | column labels)
from() { rf-eval --set data.label_from=$(($1 + 1)) one.rfs | awk 'NR == 2 { print $3 * $4 }'; }
for i in 0 1 2; do
    at=$(((2 * i + 1) * labels / 6))
    echo "$(from $at) $(from $((at + 1)))"
done >parts.txt
rf-eval --strict --positions 3 one.rfs | column strict |
    awk 'FNR == NR { want += ($1 - $2) / 3; next } { d = $1 - want; print (d * d < 1e-8 && want > 0 ? "the middles" : want " " $1) }' parts.txt -
# a set without a label for some sequences
rf-eval --strict --set data.label_from=40 eval.rfs | cut -f 1-3,8
#out
# set	sequences	labels	loss	ppl	acc	bits	positions	forced	strict	gap	step	kl
# eval	3	126	X	X	X	X	126	X	X	X	X	0
# seen	25	1166	X	X	X	X	1166	X	X	X	X	0
# eval 126 alike
# seen 1166 alike
# the other columns stay
# eval 126 alike
# set	sequences	labels	loss	ppl	acc	bits	positions	forced	strict	gap
# eval	3	126	X	X	X	-	126	X	X	X
# a gap 1 1
# 1
# no padding
# set	sequences	labels	loss	ppl	acc	bits	positions	forced	strict	gap	step	kl
# eval	3	126	X	X	X	-	126	X	X	X	-	-
# 1
# 15
# the middles
# set	sequences	labels	positions
# eval	3	16	16
