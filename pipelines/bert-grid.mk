# bert-grid.mk: masked language models in the 24 sizes of Turc et al. 2019 ("Well-Read Students Learn
# Better"), trained on the same sequences in the same order: what does size bring?
#
#     make -f pipelines/bert-grid.mk tiny                  one size: tiny mini small medium base, or L-4_H-256
#     make -f pipelines/bert-grid.mk                       all 24, the small ones first
#     make -f pipelines/bert-grid.mk sizes                 parameters and memory of each, nothing trained
#
# CORPUS, OUT, VOCAB_SIZE, SEED as in mlm.mk; YAML the template; ARGS more options of rf-train, for all.
CORPUS     ?= pipelines/corpus-ko.txt
OUT        ?= runs/bert-grid
YAML       ?= pipelines/bert-grid.yaml
VOCAB_SIZE ?= 2000
SEED       ?= 1
ARGS       ?=

DEPTHS := 2 4 6 8 10 12
WIDTHS := 128 256 512 768
SIZES  := $(foreach h,$(WIDTHS),$(foreach l,$(DEPTHS),L-$l_H-$h))
NAMED  := tiny=L-2_H-128 mini=L-4_H-256 small=L-4_H-512 medium=L-8_H-512 base=L-12_H-768

names       := OUT YAML
lists       := CORPUS
include pipelines/names.mk

SHELL       := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.PHONY: all sizes always $(SIZES)
export PATH := $(CURDIR)/build/release/bin:$(PATH)

all: $(OUT)/loss.svg $(OUT)/sizes.tsv
	@column -t -s $$'\t' $(OUT)/sizes.tsv

define name
.PHONY: $(firstword $(subst =, ,$1))
$(firstword $(subst =, ,$1)): $(lastword $(subst =, ,$1))
endef
$(foreach n,$(NAMED),$(eval $(call name,$n)))
$(SIZES): %: $(OUT)/%/done

# Vocabulary and shards are mlm.mk's, which is asked each time whether they are made; a file that it leaves
# alone keeps its time, and what was trained on it stays.
$(OUT)/train.rfs $(OUT)/eval.rfs &: always
	@$(MAKE) --no-print-directory -f pipelines/mlm.mk OUT=$(OUT) CORPUS='$(CORPUS)' YAML=$(YAML) \
	    VOCAB_SIZE=$(VOCAB_SIZE) SEED=$(SEED) $(OUT)/train.rfs $(OUT)/eval.rfs
always:

# L-4_H-256: depth 4, width 256, heads of 64.
depth = $(word 2,$(subst -, ,$(subst _, ,$1)))
width = $(word 4,$(subst -, ,$(subst _, ,$1)))
train = rf-train -c $(YAML) --model.depth $(call depth,$1) --model.dim $(call width,$1) \
    --model.heads $$(($(call width,$1) / 64)) --train.run $(OUT)/$1 --train.seed $(SEED) \
    --data.vocab $(OUT)/vocab.txt --data.train $(OUT)/train.rfs --data.eval $(OUT)/eval.rfs $(ARGS)

# Not the log, which make would remove when rf-train is stopped.
$(OUT)/%/done: $(OUT)/train.rfs $(OUT)/eval.rfs $(YAML)
	$(call train,$*) -v
	@touch $@

sizes: $(OUT)/train.rfs $(OUT)/eval.rfs
	@$(foreach s,$(SIZES),echo '$s' && $(call train,$s) --dry-run && ) true

$(OUT)/loss.svg: $(SIZES:%=$(OUT)/%/done)
	rf-plot --by tokens -o $@ $(^:done=log.tsv)

# The last evaluation of each.
$(OUT)/sizes.tsv: $(SIZES:%=$(OUT)/%/done)
	@awk -F '\t' 'BEGIN { print "size\tsteps\ttokens\teval_loss" } \
	    FNR == 1 { if (NR > 1) print name, last; n = split(FILENAME, part, "/"); name = part[n - 1]; \
	        for (i = 1; i <= NF; i++) col[$$i] = i; next } \
	    $$col["eval_loss"] != "-" { last = $$col["step"] "\t" $$col["tokens"] "\t" $$col["eval_loss"] } \
	    END { print name, last }' OFS='\t' $(^:done=log.tsv) >$@
