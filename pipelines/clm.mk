# clm.mk: plain text to a trained causal language model, and what it writes.
#
#     make -f pipelines/clm.mk                                     the sample corpus, in runs/clm
#     make -f pipelines/clm.mk CORPUS=bills.txt OUT=runs/bills     your own text
#     make -f pipelines/clm.mk CORPUS=kowiki.txt OUT=runs/kowiki YAML=pipelines/clm-small.yaml
#                                                                  GPT-3 Small's shape: months of two cores
#
# CORPUS  plain text: a title line, a sentence a line, a blank line between documents; may be .zst
#         Several files: spaces between them
# OUT     folder of everything that is made
# YAML    the settings of rf-train, rf-config(5)
# VOCAB_SIZE (of clm-quick.yaml 4000, else 22000), EVAL_SHARE, SEED; PROMPT: what the model writes on from;
# SAMPLE: the options of rf-sample
# JOBS, CLUSTER, EXTRACT, FILTER: the text in parts, on so many cores or the nodes of a cluster: pipelines/parts.mk
CORPUS     ?= pipelines/corpus-ko.txt pipelines/corpus-ko-2.txt
OUT        ?= runs/clm
YAML       ?= pipelines/clm-quick.yaml
VOCAB_SIZE ?= $(if $(filter %clm-quick.yaml,$(YAML)),4000,22000)
EVAL_SHARE ?= 10%
SEED       ?= 1
PROMPT     ?= 서울은
SAMPLE     ?= --top-p 0.9 --tokens 100

names       := OUT YAML
lists       := CORPUS
include pipelines/names.mk

.PHONY: all

all: $(OUT)/loss.svg $(OUT)/perplexity.svg $(OUT)/bits.svg $(OUT)/sample.txt
	@$(say_loss)
	@echo "the curves are in $(OUT)/loss.svg, $(OUT)/perplexity.svg and $(OUT)/bits.svg; the model writes:"
	@cat $(OUT)/sample.txt

include pipelines/tools.mk
# Sequences are full, and a document's end is something to learn.
joined := --join
include pipelines/pretrain.mk

$(OUT)/sample.txt: $(OUT)/run/done always # with another PROMPT or SAMPLE too
	rf-sample -v -V $(OUT)/vocab.txt -m $(OUT)/run --seed $(SEED) $(SAMPLE) -o $@ '$(PROMPT)'
