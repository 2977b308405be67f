# ablate.mk: what is a setting worth? Trials of a base configuration and of changes to it, for equally long each, with
# several seeds, from the same vocabulary and the same sequences.
#
#     make -f pipelines/ablate.mk BASE=pipelines/mlm-quick.yaml CHANGES=changes.txt CORPUS=bills.txt TIME=10m
#     make -f pipelines/ablate.mk BASE=pipelines/clm-quick.yaml CHANGES=changes.txt SEEDS='1 2 3 4 5' TOKENS=2Mtok
#
# CHANGES is a file with a change a line: a name of letters, digits and _ . + -, and what it sets, rf-config(5):
#
#     # lines like this one and empty lines are passed over
#     hot        optim.lr=0.008
#     more-heads model.heads=8 model.dim=256
#     mask-30    data.mask_rate=30%
#
# The base itself is the trial `base`. The table is in OUT/table.md, the curves by seconds are in OUT/loss.svg.
#
# How to read the table: `loss` is the mean over the seeds of the loss on the evaluation data at the end, which is
# measured with the masks of the base and of one seed for all; `spread` is the largest less the smallest of these;
# `to base` is how much the mean is above that of the base. A difference within the spread of either is none: try more
# seeds or a longer time before you believe it. With equal time a change that costs speed has to make good for that in
# what it learns from fewer tokens; with TOKENS it need not. What is best after minutes need not be best after days:
# high rates and small models win early.
#
# In every trial the learning rate falls at the end (optim.schedule wsd), when optim.decay_share of the time or of the
# tokens is left, and train.patience ends none. Other schedules end with train.steps, which the trials never reach: a
# change to one sets train.steps too. Trials run one after the other. Evaluations and checkpoints, as the base has them,
# take their part of the time. A trial that was interrupted begins anew; one whose settings are as they were stays.
#
# CORPUS   your own text; as in mlm.mk and clm.mk
# OUT      folder of everything that is made
# BASE     the settings of rf-train, rf-config(5); data.task decides how the text is packed
# SEEDS    of the training, names of whole numbers; the shards are the same for all
# PACK     more options of shard-wiki: --join lets documents share the sequences of a masked language model
# TIME     of each trial: 10m, 2h; or else TOKENS: 5000000, 5M or 5Mtok
# VOCAB_SIZE, EVAL_SHARE
CORPUS     ?= pipelines/corpus-ko.txt pipelines/corpus-ko-2.txt
OUT        ?= runs/ablate
BASE       ?= pipelines/mlm-quick.yaml
CHANGES    ?=
SEEDS      ?= 1 2 3
TIME       ?= 10m
TOKENS     ?=
PACK       ?=
VOCAB_SIZE ?= $(if $(filter %-quick.yaml,$(BASE)),4000,22000)
EVAL_SHARE ?= 10%
SEED       := 1
YAML       := $(BASE)

names       := OUT BASE CHANGES
lists       := CORPUS BASE CHANGES
plot_by     := seconds
include pipelines/names.mk
$(if $(strip $(CHANGES)),,$(error give CHANGES=, a file of changes: a name and key=value a line))
wrong := $(shell awk '/^\#/ || !NF { next } \
    $$1 !~ /^[A-Za-z0-9_.+-]+$$/ || $$1 == "base" || seen[$$1]++ { print "line " FNR ": the name " $$1 " is taken or cannot be"; exit } \
    /[^A-Za-z0-9_.,:%+*?\/@ \t=-]/ { print "line " FNR ": settings are of letters, digits and _ . , : % + * ? / @ = -"; exit }' $(CHANGES))
$(if $(wrong),$(error $(CHANGES), $(wrong)))

.NOTPARALLEL:
include pipelines/trials.mk

# A run is called hot-1: the name of the change, the seed.
NAMES  := base $(shell awk '!/^\#/ && NF { print $$1 }' $(CHANGES))
RUNS   := $(foreach s,$(SEEDS),$(NAMES:%=%-$s))
seed    = $(lastword $(subst -, ,$1))
name    = $(1:%-$(call seed,$1)=%)
change  = $(shell awk '!/^\#/ && $$1 == "$1" { $$1 = ""; print }' $(CHANGES))
limit  := $(if $(TOKENS),$(TOKENS:tok=)tok,$(TIME))
options = $(foreach s,train.stop_after=$(limit) train.steps=4294967295 train.keep=1 train.patience=0 optim.schedule=wsd \
    $(call change,$1),--set '$s')

$(OUT)/train.rfs $(OUT)/eval.rfs &: $(CORPUS) $(OUT)/vocab.txt $(YAML)
	join=$$(rf-train -c $(YAML) --dump-config | sed -n 's/^ *task: clm/--join/p'); \
	max_len=$(max_len); $(call pack,$$join $$max_len $(PACK))

# All settings of a trial. The file is as old as its contents, so that what has other settings is trained anew.
$(OUT)/settings/%.yaml: always | tools
	@mkdir -p $(@D)
	@rf-train -c $(YAML) $(call options,$*) --dump-config >$@.tmp
	@if cmp -s $@.tmp $@; then rm $@.tmp; else mv $@.tmp $@; fi

# rf-train would go on with a trial that was interrupted for as long again. With status 75 it was stopped: by its limit,
# which ends the trial, or by a signal, which ends make. No trial begins before all settings are known to be good.
$(OUT)/%/done: $(OUT)/settings/$$(call name,$$*).yaml $(OUT)/train.rfs $(OUT)/eval.rfs \
    | $(NAMES:%=$(OUT)/settings/%.yaml)
	rm -rf $(@D)
	$(call train,$(OUT),$(call seed,$*),$(call options,$(call name,$*)) $(or_limit))

# What the base hides of a text, and one seed: the loss is that of the same masks, whatever a trial was trained with.
same_masks = $$(rf-train -c $(YAML) --dump-config | \
    sed -nE 's/^  (label_from|mask_rate|mask_part|random_part|whole_word|span): (.*)/data.\1=\2/p' | tr '\n' ' ')train.seed=$(SEED)

# Tokens are those of the checkpoint, as the last row of the log may be some steps older.
$(OUT)/%/result: $(OUT)/%/done
	@same="$(same_masks)"; mean=$$(ckpt-info $(@D) | sed -n 's/^ema: true/--ema/p'); \
	loss=$$(rf-eval -q -m $(@D) $$mean -V $(OUT)/vocab.txt --set "$$same" $(OUT)/eval.rfs | \
	    awk -F '\t' 'NR == 2 { print $$4 }'); \
	tokens=$$(ckpt-info $(@D) | sed -n 's/^tokens: //p'); end=$$($(call log_end,$(@D)/log.tsv)); \
	printf '%s\t%s\t%s\n' "$$loss" "$$tokens" "$$end" >$@.tmp
	@mv $@.tmp $@

table = awk -F '\t' '!n[$$1]++ { name[++k] = $$1; set[$$1] = $$2; low[$$1] = high[$$1] = $$3 } \
    { loss[$$1] += $$3; tokens[$$1] += $$4; speed[$$1] += $$8; if ($$10 > rss[$$1]) rss[$$1] = $$10 } \
    $$3 < low[$$1] { low[$$1] = $$3 } $$3 > high[$$1] { high[$$1] = $$3 } \
    END { for (i = 1; i <= k; i++) { c = name[i]; \
        printf "| %s | %s | %.4f | %.4f | %+.4f | %.0f | %.0f | %.2f GB |\n", c, set[c], loss[c] / n[c], \
            high[c] - low[c], loss[c] / n[c] - loss["base"] / n["base"], tokens[c] / n[c], speed[c] / n[c], rss[c] / 1e9 } }'

$(OUT)/table.md: $(RUNS:%=$(OUT)/%/result) always
	@{ echo '| trial | settings | loss | spread | to base | tokens | tokens/s | memory |'; \
	    echo '|---|---|---|---|---|---|---|---|'; \
	    { $(foreach n,$(NAMES),$(foreach s,$(SEEDS), \
	        printf '%s\t%s\t' $n '$(strip $(call change,$n))'; cat $(OUT)/$n-$s/result;)) } | $(table); } >$@.tmp
	@mv $@.tmp $@
