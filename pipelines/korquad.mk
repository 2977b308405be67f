# korquad.mk: a trained masked language model to one that answers questions on texts, and its scores.
#
#     make -f pipelines/korquad.mk                                     the sample questions, in runs/korquad
#     make -f pipelines/korquad.mk TRAIN=KorQuAD_v1.0_train.json DEV=KorQuAD_v1.0_dev.json FROM=runs/kowiki/run SEEDS='1 2 3'
#     make -f pipelines/korquad.mk TRAIN=train.json DEV=dev.json FROM=runs/long/run ARTICLES=1 DOC_STRIDE=2048 OUT=runs/articles
#         whole articles to a model of long sequences; beside it MAX_LEN=512 OUT=runs/windows, windows of one paragraph
#
# TRAIN, DEV   questions in the JSON of SQuAD v1.1 and KorQuAD v1.0
# FROM         the run or checkpoint to begin with; without it that of mlm.mk is made first, in OUT/mlm
# VOCAB        its vocabulary, if it is not beside it
# OUT          folder of everything that is made
# YAML         the settings of the runs, rf-config(5), but for those of the model, which are FROM's
# SEEDS        a run for each; the table has the mean of their scores, and the spread
# MAX_LEN      most tokens of a sequence; without it, and at most, as many as FROM's model has positions for
# DROPOUT      of the outputs, model.head_dropout
# LAYERS       model.layers, where they shall be others than FROM's
# MAX_QUERY, DOC_STRIDE   most tokens of a question, and from window to window of a text: of squad-encode
# ARTICLES     1: each question is asked on its whole article, not on one of its paragraphs
# METRIC       whose scores: korquad or squad
TRAIN      ?= pipelines/qa-train.json
DEV        ?= pipelines/qa-dev.json
FROM       ?=
OUT        ?= runs/korquad
YAML       ?= pipelines/qa.yaml
SEEDS      ?= 1
DROPOUT    ?= 10%
LAYERS     ?=
MAX_QUERY  ?= $(if $(FROM),64,32)
DOC_STRIDE ?= $(if $(FROM),128,48)
ARTICLES   ?=
$(if $(filter-out 1,$(ARTICLES)),$(error ARTICLES='$(ARTICLES)' is not 1))
METRIC     ?= korquad

names       := OUT YAML FROM DEV VOCAB
lists       := TRAIN DEV
include pipelines/names.mk

.SECONDARY:
.PHONY: all
all: $(OUT)/table.md $(OUT)/loss.svg $(OUT)/score.svg
	@cat $(OUT)/table.md
	@echo 'the curves are in $(OUT)/loss.svg and $(OUT)/score.svg, the answers in $(OUT)/seed-$(firstword $(SEEDS))/predictions.json'

include pipelines/tools.mk
scores := EM F1
windows := --max-query $(MAX_QUERY) --doc-stride $(DOC_STRIDE) $(if $(filter 1,$(ARTICLES)),--join-paragraphs)
more_made_with := MAX_QUERY DOC_STRIDE ARTICLES METRIC
include pipelines/finetune.mk

encode  = max_len=$(max_len); squad-encode -v -V $(VOCAB) --max-len $$max_len $(windows) --metric $(METRIC) -o $@ $1

$(OUT)/train.rfs: $(TRAIN) $(OUT)/settings.yaml
	$(call encode,$(TRAIN))
$(OUT)/dev.rfs: $(DEV) $(OUT)/settings.yaml
	$(call encode,$(DEV))

$(OUT)/seed-%/predictions.json: $(OUT)/seed-%/done
	squad-predict -v -V $(VOCAB) -m $(best) $(if $(MAX_LEN),--max-len $(MAX_LEN)) $(windows) --nbest $(@D)/nbest.json -o $@ $(DEV)

$(OUT)/seed-%/score: $(OUT)/seed-%/predictions.json
	squad-eval --metric $(METRIC) --json $(DEV) $< | sed -E 's/.*"exact_match": *([0-9.]+).*"f1": *([0-9.]+).*/\1 \2/' >$@
