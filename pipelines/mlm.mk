# mlm.mk: plain text to a trained masked language model.
#
#     make -f pipelines/mlm.mk                                     the sample corpus, in runs/mlm
#     make -f pipelines/mlm.mk CORPUS=bills.txt OUT=runs/bills     your own text
#
# CORPUS  plain text: a title line, a sentence a line, a blank line between documents; may be .zst
#         Several files: spaces between them
# OUT     folder of everything that is made
# YAML    the settings of rf-train, rf-config(5)
# VOCAB_SIZE (4000; of mlm.yaml 22000), EVAL_SHARE, SEED; FILL: the line whose [MASK] is filled in at the end
# JOBS, CLUSTER, EXTRACT, FILTER: the text in parts, on so many cores or the nodes of a cluster: pipelines/parts.mk
CORPUS     ?= pipelines/corpus-ko.txt pipelines/corpus-ko-2.txt
OUT        ?= runs/mlm
YAML       ?= pipelines/mlm-quick.yaml
VOCAB_SIZE ?= $(if $(filter %mlm.yaml,$(YAML)),22000,4000)
EVAL_SHARE ?= 10%
SEED       ?= 1
FILL       ?= 오늘날에도 많은 [MASK] 이곳을 찾는다.

names       := OUT YAML
lists       := CORPUS
include pipelines/names.mk

.PHONY: all

all: $(OUT)/loss.svg $(OUT)/perplexity.svg $(OUT)/filled.txt
	@$(say_loss)
	@echo "the curves are in $(OUT)/loss.svg and $(OUT)/perplexity.svg; the model fills in:"
	@cat $(OUT)/filled.txt

include pipelines/tools.mk
include pipelines/pretrain.mk
export FILL

$(OUT)/filled.txt: $(OUT)/run/done always # with another FILL too
	@printf '%s\n' "$$FILL" | rf-fill -V $(OUT)/vocab.txt -m $(OUT)/run > $@.tmp
	@mv $@.tmp $@
