# parts.mk: the vocabulary and the tokens of a text that is cut into parts at the ends of documents. Results are those of the
# whole text, byte for byte; a part that failed or was cut off is done again alone, by the same command. text.mk includes
# it where one of these is set:
#
# JOBS      so many parts at a time on this machine (1)
# CLUSTER   slurm: hand all of the pipeline to Slurm, from here to the model; pipelines/slurm/submit says with which options
# EXTRACT   what makes plain text of CORPUS first: 'wiki-text | split-sentences' of a wiki's dumps
# FILTER    the options of text-filter, as in '--near 0.8': documents that are like an earlier one, in whichever part, are
#           left out, and what else the options say; --dup-lines is refused, as it looks at the whole text
# PARTS     so many parts (16), or fewer: a file that is compressed is one part, unless it is the multistream dump of a wiki
#
# The parts are in $(OUT)/parts: list says where each one is in CORPUS; NUMBER.txt, .kept, .counts and .rfs are what
# became of it.
PARTS ?= 16
$(if $(filter-out slurm,$(CLUSTER)),$(error CLUSTER='$(CLUSTER)': only slurm is known))
$(if $(CLUSTER),$(if $(submits),,$(error CLUSTER='$(CLUSTER)': this pipeline runs on one machine)))
export JOBS EXTRACT FILTER
parts_list  := $(OUT)/parts/list
text_steps  := $(if $(EXTRACT),extract) $(if $(FILTER),sign)
count_steps := $(if $(FILTER),filter) count

# Parts of another text, or made otherwise, are not taken for this one's. Where nothing changed, the list stays as old
# as it is.
$(parts_list): $(CORPUS) always | tools
	@mkdir -p $(@D)
	@{ echo "# EXTRACT $$EXTRACT"; echo "# FILTER $$FILTER"; pipelines/cut $(PARTS) $(CORPUS); } >$@.new
	@if cmp -s $@.new $@ && [ -z '$(filter $(CORPUS),$?)' ]; then rm $@.new; else \
	    rm -f $(@D)/*.txt $(@D)/*.sig $(@D)/*.kept $(@D)/*.counts $(@D)/*.rfs; mv $@.new $@; rm -f $(@D)/*.new; fi

# All files of the parts that end in $1, in their order.
of_parts = $$(grep -v '^\#' $(parts_list) | awk '{ print "$(OUT)/parts/" NR - 1 ".$1" }')

$(OUT)/vocab.txt: $(CORPUS) $(parts_list)
	$(if $(strip $(text_steps)),pipelines/each-part $(parts_list) $(text_steps))
	pipelines/each-part $(parts_list) $(count_steps)
	wp-train -v --size $(VOCAB_SIZE) -o $@ --counts $(call of_parts,counts)
	$(call keep,$(OUT)/.settings,$(made_with))

tokens = pipelines/each-part $(parts_list) encode && shard-wiki --renumber $(call of_parts,rfs)
