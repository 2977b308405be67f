# korquad-45min.mk: from plain text to answers in 45 minutes of two cores: vocabulary, pre-training and fine-tuning on
# the first articles of a file of questions, and scores on its other articles.
#
#     make -f pipelines/korquad-45min.mk QA=KorQuAD_v1.0_dev.json CORPUS=bills.txt
#     make -f pipelines/korquad-45min.mk TASK=electra ...      the same with a discriminator of replaced words
#     make -f pipelines/korquad-45min.mk TASK=none ...         the floor: weights that have learned no text
#     make -f pipelines/korquad-45min.mk CLOZE=30% ...         a third stage between them, of questions made of the text
#
# The model is small, as in this time a larger one sees too few tokens: ARGS='--model.dim 256 --model.depth 6' is one.
#
# QA        questions in the JSON of SQuAD v1.1 and KorQuAD v1.0
# FIRST     so many articles (100; of the sample 25) are learned from: their texts REPEAT times beside CORPUS, and their questions
# CORPUS    plain text to learn from besides. Documents that have 40 characters in a row of an article that is asked
#           about are left out
# TASK      of pre-training: mlm, electra or none
# PRETRAIN  how long it takes; fine-tuning takes the other minutes
# CLOZE     so much of the text is asked about by squad-cloze; these questions are learned before the real ones, once. 30% of bills.txt
#           take 10 minutes more
# SEEDS     of fine-tuning: a run for each
# STEPS     updates of pre-training instead of PRETRAIN, so that a run beside other work learns what it would alone
# ARGS      more options of rf-train for pre-training: the shape of the model, which later stages keep
# OUT, VOCAB_SIZE (8000), EVAL_SHARE (1%)
QA       ?= pipelines/qa-train.json
FIRST    ?= $(if $(filter pipelines/qa-train.json,$(QA)),25,100)
CORPUS   ?= pipelines/corpus-ko.txt pipelines/corpus-ko-2.txt
TASK     ?= mlm
PRETRAIN ?= 34m
STEPS    ?=
CLOZE    ?=
SEEDS    ?= 1
ARGS     ?=
REPEAT   ?= 8
OUT      ?= runs/korquad-45min
VOCAB_SIZE ?= 8000

names := OUT QA
lists := QA CORPUS
include pipelines/names.mk
$(if $(filter mlm electra none,$(TASK)),,$(error TASK='$(TASK)': it is mlm, electra or none))

.SECONDARY:
.PHONY: all
all: $(OUT)/$(TASK)/$(CLOZE:%=cloze-)answers

more_deps := jq
include pipelines/tools.mk

# What text.mk's rules are of.
texts           := $(CORPUS)
override CORPUS := $(OUT)/text.txt
YAML            := pipelines/korquad-45min-$(if $(filter electra,$(TASK)),electra,mlm).yaml
SEED            := 1
EVAL_SHARE      ?= 1%
made_with       := QA FIRST REPEAT texts VOCAB_SIZE EVAL_SHARE
include pipelines/text.mk

# --- questions and texts: those that are learned from, and those that are asked about

$(OUT)/train.json: $(QA)
	@mkdir -p $(@D)
	jq '{version, data: .data[:$(FIRST)]}' $< >$@
$(OUT)/dev.json: $(QA)
	@mkdir -p $(@D)
	jq '{version, data: .data[$(FIRST):]}' $< >$@
$(OUT)/%-texts.txt: $(OUT)/%.json | tools
	jq -r '.data[] | .title, (.paragraphs[].context | gsub("[\n\r]+"; " ")), ""' $< | split-sentences -q -o $@

$(OUT)/text.txt: $(texts) $(OUT)/train-texts.txt $(OUT)/dev-texts.txt
	text-filter -v --near 0 --no-dup-docs --not-in $(OUT)/dev-texts.txt -o $@ $(texts) \
	    $(foreach i,$(shell seq $(REPEAT)),$(OUT)/train-texts.txt)

# --- pre-training: the floor is a run whose one update changes next to nothing

limit    := $(if $(filter none,$(TASK)),--train.steps 1 --optim.lr 1e-9,$(if $(STEPS),--train.steps $(STEPS),--train.stop_after $(PRETRAIN)))
run_with := YAML ARGS $(if $(filter none,$(TASK)),,PRETRAIN STEPS)
$(call check_kept,$(OUT)/$(TASK)/.settings,$(run_with))

$(OUT)/train.rfs $(OUT)/eval.rfs &: $(OUT)/text.txt $(OUT)/vocab.txt $(YAML)
	max_len=$(max_len); $(call pack,--join $$max_len)
$(OUT)/$(TASK)/run/done: $(OUT)/train.rfs $(OUT)/eval.rfs $(YAML)
	$(call train,$(OUT),$(SEED),$(ARGS) $(limit) $(or_limit))
	$(call keep,$(OUT)/$(TASK)/.settings,$(run_with))

# --- fine-tuning and scores, by korquad.mk; a plan of this (make -n) ends before it, as its files are not there yet

$(if $(CLOZE),$(call check_kept,$(OUT)/.cloze-settings,CLOZE))
$(OUT)/cloze.json: $(OUT)/text.txt
	squad-cloze -v --share $(CLOZE) -o $@ $<
	$(call keep,$(OUT)/.cloze-settings,CLOZE)

# ask: its options that are the same for made and for real questions; FROM, TRAIN, OUT, YAML differ.
ask = $(MAKE) --no-print-directory -f pipelines/korquad.mk BIN='$(BIN)' DEV=$(OUT)/dev.json VOCAB=$(OUT)/vocab.txt

$(OUT)/$(TASK)/cloze/seed-1/done: $(OUT)/$(TASK)/run/done $(OUT)/cloze.json $(OUT)/dev.json
	$(ask) FROM=$(<D) TRAIN=$(OUT)/cloze.json OUT=$(OUT)/$(TASK)/cloze YAML=pipelines/korquad-45min-cloze.yaml MAX_LEN=256 $@

$(OUT)/$(TASK)/answers: $(OUT)/$(TASK)/run/done
$(OUT)/$(TASK)/cloze-answers: $(OUT)/$(TASK)/cloze/seed-1/done
$(OUT)/$(TASK)/answers $(OUT)/$(TASK)/cloze-answers: $(OUT)/%answers: $(OUT)/train.json $(OUT)/dev.json
	$(ask) FROM=$(patsubst %/done,%,$(filter %/done,$^)) TRAIN=$(OUT)/train.json OUT=$(OUT)/$*qa YAML=pipelines/korquad-45min-qa.yaml SEEDS='$(SEEDS)'
	@touch $@
