# text.mk: what the pipelines that start from text have in common: the vocabulary, the shards, the run.
#
#     CORPUS, OUT, YAML, VOCAB_SIZE, EVAL_SHARE, SEED; DEVICE: where to train, if YAML does not say it
#     JOBS, CLUSTER, EXTRACT, FILTER, PARTS: the text in parts, as parts.mk says
#     include pipelines/text.mk      behind tools.mk; the rule of $(OUT)/vocab.txt is here
#     made_with := NAMES            what all in OUT is made with, if it is not these variables
made_with ?= CORPUS YAML VOCAB_SIZE EVAL_SHARE SEED
$(call check_kept,$(OUT)/.settings,$(made_with))

ifneq ($(origin CLUSTER),command line)
CLUSTER := # many a cluster sets such a variable for its own ends
endif
ifneq ($(JOBS)$(EXTRACT)$(FILTER)$(CLUSTER),)
include pipelines/parts.mk
else
$(OUT)/vocab.txt: $(CORPUS) | tools
	@mkdir -p $(@D)
	wp-train -v --size $(VOCAB_SIZE) -o $@ $(CORPUS)
	$(call keep,$(OUT)/.settings,$(made_with))

# A corpus may end without a blank line, which parts it from the next one.
tokens = wp-encode -v -V $(OUT)/vocab.txt $(foreach f,$(CORPUS),$f <(echo)) | shard-wiki
endif

# $(call pack,OPTIONS OF SHARD-WIKI): the corpus as train.rfs and eval.rfs, beside the target. Plain: every start of
# rf-train reads them all.
pack = $(tokens) -v --coding plain --seed $(SEED) $1 --eval-share $(EVAL_SHARE) --train $(@D)/train.rfs --eval $(@D)/eval.rfs

# The option for the length that the settings give. Where they give none, 0, it is left to shard-wiki. It is to be
# assigned to a variable: settings that rf-train refuses then end the recipe.
max_len = $$(rf-train -c $(YAML) --dump-config | sed -n 's/^ *max_len: *\([1-9]\)/--max-len \1/p')

# $(call train_options,FOLDER OF THE SHARDS,SEED,FOLDER OF THE RUN): what rf-train is told.
train_options = -v -c $(YAML) $(DEVICE:%=--device %) --train.run $3 --train.seed $2 --data.vocab $(OUT)/vocab.txt \
    --data.train $1/train.rfs --data.eval $1/eval.rfs

# $(call train,FOLDER OF THE SHARDS,SEED,MORE OPTIONS): a run in the target's folder. Behind the options a shell may be
# told what else counts as success. rf-train goes on from the last
# checkpoint if it was stopped; a finished run ends at once. The target is a file `done` and not the log, which make
# would remove when rf-train is stopped.
define train
rf-train $(call train_options,$1,$2,$(@D)) $3
@touch $@
endef

# Behind the options: a run that train.stop_after ended is a success too. Status 75 may also mean a signal.
or_limit = || { [ $$? = 75 ] && ckpt-info $(@D) | grep '^limit_reached: true' >/dev/null; }

# $(call log_end,LOG): a run in a line, with tabs: tokens; loss and bits per byte of the last evaluation, if there was
# one; tokens/s, the mean without evaluations and the first row; seconds; the most memory in bytes.
log_end = awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) col[$$i] = i; next } \
    $$col["tokens_per_s"] != "-" && n++ { time += 1 / $$col["tokens_per_s"] } \
    $$col["eval_loss"] != "-" { loss = $$col["eval_loss"]; bits = $$col["eval_bits"] } \
    { tokens = $$col["tokens"]; s = $$col["seconds"]; if ($$col["rss"] > rss) rss = $$col["rss"] } \
    END { printf "%s\t%s\t%s\t%s\t%s\t%s\n", tokens, loss, bits, time ? (n - 1) / time : "", s, rss }' $1
