# duplication.mk: the duplication task of Kitaev, Kaiser and Levskaya 2020, section 5: say the second half of
# a sequence w w of random symbols. What does hashing miss that full attention sees, and how many rounds make
# good for it? Each kind of attention is trained, and evaluated with each of the others.
#
#     make -f pipelines/duplication.mk          some minutes on two cores; the table is in OUT/table.md
#
# WORDS in a half; SYMBOLS; DOCS sequences, 2 % of them for evaluation; OUT; SEED; YAML the template
# ROUNDS of the chunked layout: lsh-1, lsh-2, ...; ALIGNED, those of the aligned one (model.lsh_layout): aligned-1, ...
OUT     ?= runs/duplication
YAML    ?= pipelines/duplication.yaml
WORDS   ?= 126
SYMBOLS ?= 64
DOCS    ?= 20000
ROUNDS  ?= 1 2 4 8
ALIGNED ?= 1 2 4
SEED    ?= 1

KINDS := full $(ROUNDS:%=lsh-%) $(ALIGNED:%=aligned-%)

names       := OUT YAML
include pipelines/names.mk

.PHONY: all

all: $(OUT)/table.md $(OUT)/loss.svg
	@cat $(OUT)/table.md

include pipelines/tools.mk
made_with := YAML WORDS SYMBOLS DOCS SEED
$(call check_kept,$(OUT)/.settings,$(made_with))

$(OUT)/vocab.txt: | tools
	@mkdir -p $(@D)
	@{ printf '[%s]\n' PAD UNK CLS SEP MASK; seq -f 'w%.0f' $(SYMBOLS); } >$@.tmp
	@mv $@.tmp $@
	$(call keep,$(OUT)/.settings,$(made_with))

# A sequence is a document of two equal lines: [CLS] w [SEP] w [SEP].
$(OUT)/train.rfs $(OUT)/eval.rfs &: $(OUT)/vocab.txt
	awk -v n=$(WORDS) -v docs=$(DOCS) -v symbols=$(SYMBOLS) 'BEGIN { x = $(SEED); \
	    for (d = 0; d < docs; d++) { \
	        w = ""; \
	        for (i = 0; i < n; i++) { x = x * 16807 % 2147483647; w = w "w" 1 + int(x / 2147483647 * symbols) " " } \
	        print w "\n" w "\n" } }' | \
	    wp-encode -V $< | shard-wiki --coding plain --max-len $$((2 * $(WORDS) + 3)) --eval-share 2% --seed $(SEED) \
	        --train $(OUT)/train.rfs --eval $(OUT)/eval.rfs

# full, lsh-4, aligned-4: settings of rf-config(5), spaces between them. The weights fit every kind, so a model is
# evaluated with any of them, and each kind names all that another one may have set.
settings = model.full_attn=$(if $(filter full,$1),true,false model.rounds=$(lastword $(subst -, ,$1)) \
    model.lsh_layout=$(if $(filter aligned-%,$1),aligned,chunked))

# Not the log, which make would remove when rf-train is stopped.
$(OUT)/%/done: $(OUT)/train.rfs $(YAML)
	rf-train -v -c $(YAML) $(foreach s,$(call settings,$*),--set $s) --train.run $(OUT)/$* --train.seed $(SEED) \
	    --data.vocab '' --data.train $(OUT)/train.rfs --data.eval $(OUT)/eval.rfs
	@touch $@

# Rows: trained with; columns: evaluated with; accuracy in percent.
$(OUT)/table.md: $(KINDS:%=$(OUT)/%/done)
	@{ echo '| trained with | $(foreach k,$(KINDS),$k |)'; \
	    echo '|---|$(foreach k,$(KINDS),---|)'; \
	    $(foreach t,$(KINDS),printf '| $t |'; $(foreach e,$(KINDS), \
	        rf-eval -q -m $(OUT)/$t --set '$(call settings,$e)' $(OUT)/eval.rfs | \
	            awk -F '\t' 'NR == 2 { printf " %.1f |", 100 * $$6 }';) echo;) } >$@.tmp
	@mv $@.tmp $@

$(OUT)/loss.svg: $(KINDS:%=$(OUT)/%/done)
	rf-plot --by tokens -o $@ $(^:done=log.tsv)
