# pretrain.mk: what the pipelines that train a model from text have in common: its sequences, the run, the curves.
#
#     joined := --join              documents share sequences; else none does
#     include pipelines/pretrain.mk behind tools.mk; with text.mk, whose variables these are
include pipelines/text.mk

$(OUT)/train.rfs $(OUT)/eval.rfs &: $(CORPUS) $(OUT)/vocab.txt $(YAML)
	max_len=$(max_len); $(call pack,$(joined) $$max_len)

$(OUT)/run/done: $(OUT)/train.rfs $(OUT)/eval.rfs $(YAML)
	$(call train,$(OUT),$(SEED))

$(patsubst %,$(OUT)/%.svg,loss perplexity bits replaced): $(OUT)/%.svg: $(OUT)/run/done
	rf-plot --what $* -o $@ $(<D)/log.tsv
