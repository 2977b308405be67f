# pretrain.mk: what the pipelines that train a model from text have in common: its sequences, the run, the curves.
#
#     joined := --join              documents share sequences; else none does
#     include pipelines/pretrain.mk behind tools.mk; with text.mk, whose variables these are
submits := 1
include pipelines/text.mk

$(OUT)/train.rfs $(OUT)/eval.rfs &: $(CORPUS) $(OUT)/vocab.txt $(YAML)
	max_len=$(max_len); $(call pack,$(joined) $$max_len)

$(OUT)/run/done: $(OUT)/train.rfs $(OUT)/eval.rfs $(YAML)
	$(call train,$(OUT),$(SEED))

# On a cluster this make hands out jobs, and each of these is a make on a node.
ifneq ($(CLUSTER),)
.DEFAULT_GOAL := submit
.PHONY: submit
submit: $(parts_list)
	BIN='$(BIN)' pipelines/slurm/submit $(firstword $(MAKEFILE_LIST)) $(parts_list) $(OUT) '$(strip $(text_steps))' \
	    '$(strip $(count_steps))' $(call train_options,$(OUT),$(SEED),$(OUT)/run)
endif

$(patsubst %,$(OUT)/%.svg,loss perplexity bits replaced): $(OUT)/%.svg: $(OUT)/run/done
	rf-plot --what $* -o $@ $(<D)/log.tsv
