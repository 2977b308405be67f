# finetune.mk: what korquad.mk and classify.mk have in common: the model to begin with, a run for each seed, and the
# mean and the spread of their scores.
#
#     FROM, OUT, YAML, SEEDS, DROPOUT, LAYERS, MAX_LEN; scores: the names of the numbers in $(OUT)/seed-N/score
#     more_made_with := METRIC      variables besides, with which what is in OUT is made
#     include pipelines/finetune.mk      behind tools.mk
#
# The rules of $(OUT)/train.rfs, $(OUT)/dev.rfs and $(OUT)/seed-%/score are those of the pipeline.
base  := $(or $(FROM),$(OUT)/mlm/run)
done  := $(if $(FROM),,$(OUT)/mlm/run/done)
VOCAB ?= $(if $(FROM),$(firstword $(wildcard $(FROM)/vocab.txt $(FROM)/../vocab.txt)),$(OUT)/mlm/vocab.txt)
$(if $(FROM),$(if $(wildcard $(FROM)/MANIFEST $(FROM)/step-*),,$(error there is no checkpoint in FROM='$(FROM)')))
$(if $(VOCAB),,$(error there is no vocabulary in FROM='$(FROM)': give VOCAB=))

$(OUT)/mlm/run/done: | tools
	$(MAKE) --no-print-directory -f pipelines/mlm.mk BIN='$(BIN)' YAML=pipelines/mlm-quick.yaml OUT=$(OUT)/mlm VOCAB_SIZE=4000 SEED=1 $@

made_with := FROM VOCAB TRAIN DEV YAML DROPOUT LAYERS MAX_LEN $(more_made_with)
$(call check_kept,$(OUT)/.settings,$(made_with))

# The settings: those of the base's model, and behind them what the YAML says of the run.
$(OUT)/settings.yaml: $(YAML) $(done) | tools
	@mkdir -p $(@D)
	from=$(base); [ -e $$from/MANIFEST ] || from=$$(ls -d $$from/step-*[0-9] | tail -n 1); \
	len=$$(sed -n 's/^max_len: //p' $$from/state); \
	[ "$$len" -ge $(or $(strip $(MAX_LEN)),0) ] || { echo "MAX_LEN=$(MAX_LEN): the model of $$from has positions for $$len tokens" >&2; exit 1; }; \
	{ echo 'model:'; sed -n '/^model:/,/^[a-z]/p' $$from/config.yaml | sed "/^[a-z]/d; /head_dropout:/d; s/^  max_len: .*/  max_len: $$len/$(if $(strip $(LAYERS)),; s/^  layers: .*/  layers: '$(strip $(LAYERS))'/)"; \
	    echo '  head_dropout: $(DROPOUT)'; cat $(YAML); } >$@.tmp
	@mv $@.tmp $@
	$(call keep,$(OUT)/.settings,$(made_with))
max_len = $(or $(strip $(MAX_LEN)),$$(sed -n 's/^  max_len: //p' $(OUT)/settings.yaml))

# About twenty evaluations, or fewer where a run has few updates: of many questions each takes its time.
eval_every = $$(shard-cat --info $(OUT)/train.rfs | awk '/^records:/ { n = $$2 } /^  batch:/ { b = $$2 } /^  epochs:/ { e = $$2 } \
    /^  eval_every:/ { least = $$2 } END { k = int(n * e / (b ? b : 1) / 20); print (k > least ? k : least) }' - $(OUT)/settings.yaml)
$(OUT)/seed-%/done: $(OUT)/train.rfs $(OUT)/dev.rfs
	every=$(eval_every); rf-train -v -c $(OUT)/settings.yaml $(DEVICE:%=--device %) --train.run $(@D) --train.eval_every $$every --train.seed $* --train.from $(base) --data.vocab $(VOCAB) \
	    --data.train $(OUT)/train.rfs --data.eval $(OUT)/dev.rfs
	@touch $@

# The checkpoint of the best evaluation of the run in the target's folder.
# Where none was the best, as no answer lay whole in a window, the newest.
best = $$(n=$$(sed -n 's/^best_step: //p' $$(ls -d $(@D)/step-*[0-9] | tail -n 1)/state); \
    if [ "$${n:-0}" = 0 ]; then echo $(@D); else printf '$(@D)/step-%08d' $$n; fi)

# A column for each number, a line for each seed, and at the end the mean and the largest less the smallest.
# Always, as they are of the seeds that are asked for.
$(OUT)/table.md: $(SEEDS:%=$(OUT)/seed-%/score) always
	@{ echo '| seed | $(subst $() , | ,$(strip $(scores))) |'; echo '|---|$(subst $() ,,$(foreach s,$(scores),---|))'; \
	    $(foreach s,$(SEEDS),echo "$s $$(cat $(OUT)/seed-$s/score)";) } | awk 'NR < 3 { print; next } \
	    { printf "| %s |", $$1; for (i = 2; i <= NF; i++) { printf " %.2f |", $$i; sum[i] += $$i; \
	        if (NR == 3 || $$i < low[i]) low[i] = $$i; if (NR == 3 || $$i > high[i]) high[i] = $$i } print ""; n++; m = NF } \
	    END { printf "| mean |"; for (i = 2; i <= m; i++) printf " %.2f |", sum[i] / n; \
	        printf "\n| spread |"; for (i = 2; i <= m; i++) printf " %.2f |", high[i] - low[i]; print "" }' >$@.tmp
	@mv $@.tmp $@

$(OUT)/loss.svg $(OUT)/score.svg: $(OUT)/%.svg: $(SEEDS:%=$(OUT)/seed-%/done) always
	rf-plot --what $* --by epoch -o $@ $(SEEDS:%=$(OUT)/seed-%/log.tsv)
