# bert-grid.mk: masked language models in the 24 sizes of Turc et al. 2019 ("Well-Read Students Learn
# Better"), trained on the same sequences in the same order: what does size bring?
#
#     make -f pipelines/bert-grid.mk tiny                  one size: tiny mini small medium base, or L-4_H-256
#     make -f pipelines/bert-grid.mk                       all 24, the small ones first
#     make -f pipelines/bert-grid.mk sizes                 parameters, memory, operations of each: needs no corpus
#     make -f pipelines/bert-grid.mk cost tiny mini        what these would take, measured here; nothing is trained
#
# Before it trains it says, size by size, what is to come: memory, and the time of a step times train.steps.
# CORPUS, OUT, VOCAB_SIZE, SEED as in mlm.mk; YAML the template; ARGS more options of rf-train, for all.
CORPUS     ?= pipelines/corpus-ko.txt pipelines/corpus-ko-2.txt
OUT        ?= runs/bert-grid
YAML       ?= pipelines/bert-grid.yaml
VOCAB_SIZE ?= 4000
SEED       ?= 1
ARGS       ?=

DEPTHS := 2 4 6 8 10 12
WIDTHS := 128 256 512 768
SIZES  := $(foreach h,$(WIDTHS),$(foreach l,$(DEPTHS),L-$l_H-$h))
NAMED  := tiny=L-2_H-128 mini=L-4_H-256 small=L-4_H-512 medium=L-8_H-512 base=L-12_H-768

names       := OUT YAML
lists       := CORPUS
include pipelines/names.mk

.PHONY: all sizes cost $(SIZES)

all: $(OUT)/loss.svg $(OUT)/sizes.tsv
	@column -t -s $$'\t' $(OUT)/sizes.tsv

include pipelines/tools.mk

define name
.PHONY: $(firstword $(subst =, ,$1))
$(firstword $(subst =, ,$1)): $(lastword $(subst =, ,$1))
endef
$(foreach n,$(NAMED),$(eval $(call name,$n)))
ifeq ($(filter cost,$(MAKECMDGOALS)),)
$(SIZES): %: $(OUT)/%/done
else
$(SIZES): cost
endif

# Vocabulary and shards are mlm.mk's, which is asked each time whether they are made; a file that it leaves
# alone keeps its time, and what was trained on it stays.
$(OUT)/train.rfs $(OUT)/eval.rfs &: always
	@$(MAKE) --no-print-directory -f pipelines/mlm.mk OUT=$(OUT) CORPUS='$(CORPUS)' YAML=$(YAML) \
	    VOCAB_SIZE=$(VOCAB_SIZE) SEED=$(SEED) $(OUT)/train.rfs $(OUT)/eval.rfs

# L-4_H-256: depth 4, width 256, heads of 64.
depth = $(word 2,$(subst -, ,$(subst _, ,$1)))
width = $(word 4,$(subst -, ,$(subst _, ,$1)))
model = rf-train -c $(YAML) --model.depth $(call depth,$1) --model.dim $(call width,$1) \
    --model.heads $$(($(call width,$1) / 64)) $(ARGS)
train = $(model) --train.run $(OUT)/$1 --train.seed $(SEED) \
    --data.vocab $(OUT)/vocab.txt --data.train $(OUT)/train.rfs --data.eval $(OUT)/eval.rfs

# Not the log, which make would remove when rf-train is stopped.
$(OUT)/%/done: $(OUT)/train.rfs $(OUT)/eval.rfs $(YAML) | cost
	$(call train,$*) -v
	@touch $@

# A row from the lines that rf-train prints; the time of all steps is there where a step was timed.
row = awk -F ': ' '{ n[$$1] = $$2 } END { \
    printf "%-12s %9.1f M %9.2f GB %9.2f TFLOP", "$1", n["parameters"] / 1e6, n["memory"] / 1e9, n["executed_operations"] / 1e12; \
    if (n["step_seconds"] > 0) printf " %9.2f s %9.1f h", n["step_seconds"], n["step_seconds"] * $$steps / 3600; print "" }'
head = printf '%-12s %11s %12s %15s' size parameters memory 'a step'

sizes: | tools
	@$(head) && echo && $(foreach s,$(SIZES),$(call model,$s) --needs $(VOCAB_SIZE) | $(call row,$s) && ) true

# The sizes asked for: all without a goal; a size that has been trained costs nothing more.
goals  := $(or $(filter-out cost,$(MAKECMDGOALS)),all)
asked  := $(if $(filter all %.svg %.tsv,$(goals)),$(SIZES),$(filter $(SIZES),$(goals) \
    $(foreach n,$(NAMED),$(if $(filter $(firstword $(subst =, ,$n)),$(goals)),$(lastword $(subst =, ,$n)))) \
    $(patsubst $(OUT)/%/done,%,$(goals))))

# --dry-run makes four steps of each size: a thousandth of what is to come, or less.
cost: $(OUT)/train.rfs $(OUT)/eval.rfs
	@steps=$$($(call model,L-2_H-128) --dump-config | sed -n 's/^ *steps: *//p'); left=; \
	for size in $(asked); do \
	    [ $(OUT)/$$size/done -nt $(OUT)/train.rfs ] && [ $(OUT)/$$size/done -nt $(YAML) ] || left+=" $$size"; \
	done; \
	[ -z "$$left" ] || { $(head); printf ' %11s %11s\n' time "$$steps steps"; }; \
	$(foreach s,$(asked),case "$$left " in (*' $s '*) $(call train,$s) -q --dry-run | $(call row,$s) ;; esac; ) true

$(OUT)/loss.svg: $(SIZES:%=$(OUT)/%/done)
	rf-plot --by tokens -o $@ $(^:done=log.tsv)

# The last evaluation of each.
$(OUT)/sizes.tsv: $(SIZES:%=$(OUT)/%/done)
	@awk -F '\t' 'BEGIN { print "size\tsteps\ttokens\teval_loss" } \
	    FNR == 1 { if (NR > 1) print name, last; n = split(FILENAME, part, "/"); name = part[n - 1]; \
	        for (i = 1; i <= NF; i++) col[$$i] = i; next } \
	    $$col["eval_loss"] != "-" { last = $$col["step"] "\t" $$col["tokens"] "\t" $$col["eval_loss"] } \
	    END { print name, last }' OFS='\t' $(^:done=log.tsv) >$@
