# layouts.mk: what does the aligned layout of LSH attention (model.lsh_layout) cost or bring on real text? Causal
# language models in each layout and length, from the same vocabulary, the same sequences in the same order, equally
# many tokens and updates of equally many tokens.
#
#     make -f pipelines/layouts.mk CORPUS=bills.txt                                 half an hour on two cores
#     make -f pipelines/layouts.mk CORPUS=bills.txt LAYOUTS='full chunked aligned' SEEDS='1 2 3'
#
# The table is in OUT/table.md, the curves are in OUT/loss.svg. A model in the chunked layout is not wholly without
# a view of what it shall predict: later tokens have a say in which of the earlier ones a position meets.
#
# CORPUS   your own text, more than TOKENS of it; as in clm.mk
# OUT      folder of everything that is made; what is trained there stays
# LENGTHS  of the sequences, in tokens; LAYOUTS: chunked, aligned or full, which is attention without hashing
# TOKENS   that each model is trained on: 5000000, 5M or 5Mtok; the learning rate falls to 0 at their end
# BATCH    tokens of an update; a sequence that is longer is an update
# SEEDS    of the training; YAML the template; VOCAB_SIZE, EVAL_SHARE
CORPUS     ?=
OUT        ?= runs/layouts
YAML       ?= pipelines/layouts.yaml
LENGTHS    ?= 1024 4096
LAYOUTS    ?= chunked aligned
TOKENS     ?= 5Mtok
BATCH      ?= 8192
SEEDS      ?= 1
VOCAB_SIZE ?= 8000
EVAL_SHARE ?= 2%
# of the shards, which all seeds of training share
SEED       := 1

names       := OUT YAML
lists       := CORPUS
plot_by     := tokens
include pipelines/names.mk
$(if $(strip $(CORPUS)),,$(error give CORPUS=, a text of your own; the sample corpus is too small))
$(foreach l,$(filter-out chunked aligned full,$(LAYOUTS)),$(error LAYOUTS: '$l' is none of chunked, aligned and full))

made_with := CORPUS YAML VOCAB_SIZE EVAL_SHARE TOKENS BATCH
include pipelines/trials.mk

# A run is called aligned-4096-1: layout, length, seed.
RUNS   := $(foreach n,$(LENGTHS),$(foreach s,$(SEEDS),$(foreach l,$(LAYOUTS),$l-$n-$s)))
layout  = $(word 1,$(subst -, ,$1))
length  = $(word 2,$(subst -, ,$1))
seed    = $(word 3,$(subst -, ,$1))

# Joined, as in clm.mk, so that all sequences are full, and tokens are sequences times length.
$(OUT)/%/train.rfs $(OUT)/%/eval.rfs: $(CORPUS) $(OUT)/vocab.txt
	@mkdir -p $(@D)
	$(call pack,--join --max-len $*)

settings = --model.max_len $(call length,$1) \
    $(if $(filter full,$(call layout,$1)),--model.full_attn,--model.lsh_layout $(call layout,$1))

$(OUT)/%/done: $(OUT)/$$(call length,$$*)/train.rfs $(YAML)
	batch=$$(($(BATCH) / $(call length,$*))); batch=$$((batch ? batch : 1)); \
	steps=$$(($$(numfmt --from=si $(TOKENS:tok=)) / (batch * $(call length,$*)))); \
	$(call train,$(OUT)/$(call length,$*),$(call seed,$*),$(call settings,$*) --train.batch $$batch --train.steps $$steps)

row = $(call log_end,$(OUT)/$1/log.tsv) | awk -F '\t' '{ \
    printf "| $(call length,$1) | $(call layout,$1) | $(call seed,$1) | %d | %.4f | %.4f | %s | %.0f | %.2f GB |\n", \
        $$1, $$2, $$3, $$4 == "" ? "" : sprintf("%.0f", $$4), $$5, $$6 / 1e9 }'

$(OUT)/table.md: $(all_done) always
	@{ echo '| length | layout | seed | tokens | loss | bits per byte | tokens/s | seconds | memory |'; \
	    echo '|---|---|---|---|---|---|---|---|---|'; \
	    $(foreach r,$(RUNS),$(call row,$r);) } >$@.tmp
	@mv $@.tmp $@
