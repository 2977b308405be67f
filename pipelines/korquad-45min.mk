# korquad-45min.mk: from plain text to answers in 45 minutes of two cores: vocabulary, pre-training and fine-tuning on
# the first articles of a file of questions, and scores on its other articles.
#
#     make -f pipelines/korquad-45min.mk QA=KorQuAD_v1.0_dev.json CORPUS=bills.txt
#     make -f pipelines/korquad-45min.mk TASK=electra ...      the same with a discriminator of replaced words
#     make -f pipelines/korquad-45min.mk TASK=none ...         the floor: weights that have learned no text
#
# QA        questions in the JSON of SQuAD v1.1 and KorQuAD v1.0
# ARTICLES  so many are learned from: their texts REPEAT times beside CORPUS, and their questions
# CORPUS    plain text to learn from besides. Documents that have 40 characters in a row of an article that is asked
#           about are left out
# TASK      of pre-training: mlm, electra or none
# PRETRAIN  how long it takes; fine-tuning takes the other minutes
# SEEDS     of fine-tuning: a run for each
# STEPS     updates of pre-training instead of PRETRAIN, so that a run beside other work learns what it would alone
# OUT       folder of everything that is made
QA       ?= pipelines/qa-train.json
ARTICLES ?= 100
CORPUS   ?= pipelines/corpus-ko.txt pipelines/corpus-ko-2.txt
TASK     ?= mlm
PRETRAIN ?= 34m
STEPS    ?=
SEEDS    ?= 1
REPEAT   ?= 8
OUT      ?= runs/korquad-45min
VOCAB_SIZE ?= 8000

names := OUT QA
lists := QA CORPUS
include pipelines/names.mk
$(if $(filter mlm electra none,$(TASK)),,$(error TASK='$(TASK)': it is mlm, electra or none))

.SECONDARY:
.PHONY: all
all: $(OUT)/$(TASK)/answers
	@cat $(OUT)/$(TASK)/qa/table.md

more_deps := jq
include pipelines/tools.mk

# --- questions and texts: those that are learned from, and those that are asked about

$(OUT)/train.json: $(QA)
	@mkdir -p $(@D)
	jq '{version, data: .data[:$(ARTICLES)]}' $< >$@
$(OUT)/dev.json: $(QA)
	@mkdir -p $(@D)
	jq '{version, data: .data[$(ARTICLES):]}' $< >$@
$(OUT)/%-texts.txt: $(OUT)/%.json | tools
	jq -r '.data[] | .title, (.paragraphs[].context | gsub("[\n\r]+"; " ")), ""' $< | split-sentences -q -o $@

$(OUT)/text.txt: $(CORPUS) $(OUT)/train-texts.txt $(OUT)/dev-texts.txt
	text-filter -v --near 0 --no-dup-docs --not-in $(OUT)/dev-texts.txt -o $@ $(CORPUS) \
	    $(foreach i,$(shell seq $(REPEAT)),$(OUT)/train-texts.txt)
$(OUT)/vocab.txt: $(OUT)/text.txt
	wp-train -v --size $(VOCAB_SIZE) -o $@ $<

# --- pre-training: the floor is a run whose first updates change next to nothing

yaml   := pipelines/korquad-45min-$(if $(filter electra,$(TASK)),electra,mlm).yaml
limit  := $(if $(filter none,$(TASK)),--train.steps 1 --optim.lr 1e-9,$(if $(STEPS),--train.steps $(STEPS),--train.stop_after $(PRETRAIN)))
$(OUT)/train.rfs $(OUT)/eval.rfs &: $(OUT)/text.txt $(OUT)/vocab.txt
	wp-encode -v -V $(OUT)/vocab.txt $< | shard-wiki -v --join --coding plain --max-len 512 --eval-share 1% \
	    --train $(OUT)/train.rfs --eval $(OUT)/eval.rfs

# Status 75: it was stopped, by its limit or by a signal.
$(OUT)/$(TASK)/run/done: $(OUT)/train.rfs $(OUT)/eval.rfs $(yaml)
	rf-train -v -c $(yaml) --train.run $(@D) --data.vocab $(OUT)/vocab.txt --data.train $(OUT)/train.rfs --data.eval $(OUT)/eval.rfs \
	    $(limit) || { [ $$? = 75 ] && ckpt-info $(@D) | grep '^limit_reached: true' >/dev/null; }
	@touch $@

# --- fine-tuning and scores, by korquad.mk; a plan of this (make -n) ends before it, as its files are not there yet

scores := $(MAKE) --no-print-directory -f pipelines/korquad.mk

$(OUT)/$(TASK)/answers: $(OUT)/$(TASK)/run/done $(OUT)/train.json $(OUT)/dev.json
	$(scores) BIN='$(BIN)' TRAIN=$(OUT)/train.json DEV=$(OUT)/dev.json FROM=$(<D) \
	    VOCAB=$(OUT)/vocab.txt OUT=$(@D)/qa YAML=pipelines/korquad-45min-qa.yaml SEEDS='$(SEEDS)'
	@touch $@
