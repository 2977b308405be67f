# Documents go to the one file or to the other, by number and seed; no line is lost.
in=$ROOT/tests/golden/shard/good/0019-forty-documents.rfs
shard-wiki -v -l 24 --train train.rfs --eval eval.rfs "$in" 2>&1 | sed 's/, [0-9.]* s, .*//'
shard-cat --info eval.rfs
shard-wiki -l 24 "$in" | shard-cat | sort >all
shard-cat train.rfs eval.rfs | sort | cmp - all && echo nothing lost
shard-wiki -l 24 --train again.rfs --eval again-eval.rfs <"$in"
cmp train.rfs again.rfs && cmp eval.rfs again-eval.rfs && echo same seed, same bytes
shard-wiki -l 24 -s 2 --train other.rfs --eval other-eval.rfs "$in"
cmp -s eval.rfs other-eval.rfs || echo other seed, other bytes
shard-wiki --eval-share 0 --train none.rfs --eval none-eval.rfs "$in"
