# classify.mk: a trained masked language model to one that tells which class a sentence is of, and its scores.
#
#     make -f pipelines/classify.mk                                    the sample sentences, in runs/classify
#     make -f pipelines/classify.mk TRAIN=train.tsv DEV=dev.tsv FROM=runs/kowiki/run SEEDS='1 2 3'
#
# TRAIN, DEV   lines with a class and a text, or two texts, tabs between; or JSON lines, with FIELDS='--jsonl'
# FIELDS       options of classify-encode and rf-predict that say how they are written
# FROM         the run or checkpoint to begin with; without it that of mlm.mk is made first, in OUT/mlm
# VOCAB        its vocabulary, if it is not beside it
# OUT          folder of everything that is made
# YAML         the settings of the runs, rf-config(5), but for those of the model, which are FROM's
# SEEDS        a run for each; the table has the mean of their scores, and the spread
# DROPOUT      of the outputs, model.head_dropout
TRAIN   ?= pipelines/classes-train.tsv
DEV     ?= pipelines/classes-dev.tsv
FIELDS  ?=
FROM    ?=
OUT     ?= runs/classify
YAML    ?= pipelines/classify.yaml
SEEDS   ?= 1
DROPOUT ?= 10%

names       := OUT YAML FROM VOCAB
lists       := TRAIN DEV
include pipelines/names.mk

.SECONDARY:
.PHONY: all
all: $(OUT)/table.md $(OUT)/loss.svg $(OUT)/score.svg
	@cat $(OUT)/seed-$(firstword $(SEEDS))/report $(OUT)/table.md
	@echo 'the curves are in $(OUT)/loss.svg and $(OUT)/score.svg'

include pipelines/tools.mk
scores := accuracy macro-F1
more_made_with := FIELDS
include pipelines/finetune.mk

$(OUT)/train.rfs: $(TRAIN) $(OUT)/settings.yaml
	max_len=$(max_len); classify-encode -v -V $(VOCAB) -l $$max_len $(FIELDS) -o $@ $(TRAIN)
$(OUT)/dev.rfs: $(DEV) $(OUT)/train.rfs
	max_len=$(max_len); classify-encode -v -V $(VOCAB) -l $$max_len $(FIELDS) --classes-of $(OUT)/train.rfs -o $@ $(DEV)

# How often the model is right, class by class.
$(OUT)/seed-%/report: $(OUT)/seed-%/done
	rf-predict -V $(VOCAB) -m $(best) $(FIELDS) --labels $(DEV) >$@.tmp
	@mv $@.tmp $@

$(OUT)/seed-%/score: $(OUT)/seed-%/report
	awk '/^(accuracy|macro_f1)\t/ { printf "%s%.2f", sep, 100 * $$2; sep = " " } END { print "" }' $< >$@
