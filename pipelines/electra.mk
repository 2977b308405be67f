# electra.mk: plain text to a discriminator trained by a generator (ELECTRA: Clark et al. 2020).
#
#     make -f pipelines/electra.mk                                     the sample corpus, in runs/electra
#     make -f pipelines/electra.mk CORPUS=bills.txt OUT=runs/bills     your own text
#     make -f pipelines/electra.mk CORPUS=kowiki.txt OUT=runs/kowiki YAML=pipelines/electra-small.yaml
#                                                                      ELECTRA-Small's shape: days to weeks
#
# CORPUS  plain text: a title line, a sentence a line, a blank line between documents; may be .zst
#         Several files: spaces between them
# OUT     folder of everything that is made
# YAML    the settings of rf-train, rf-config(5)
# VOCAB_SIZE (of electra-quick.yaml 4000, else 22000), EVAL_SHARE, SEED
# JOBS, CLUSTER, EXTRACT, FILTER: the text in parts, on so many cores or the nodes of a cluster: pipelines/parts.mk
CORPUS     ?= pipelines/corpus-ko.txt pipelines/corpus-ko-2.txt
OUT        ?= runs/electra
YAML       ?= pipelines/electra-quick.yaml
VOCAB_SIZE ?= $(if $(filter %electra-quick.yaml,$(YAML)),4000,22000)
EVAL_SHARE ?= 10%
SEED       ?= 1

names       := OUT YAML
lists       := CORPUS
include pipelines/names.mk

.PHONY: all

all: $(OUT)/loss.svg $(OUT)/losses.svg $(OUT)/replaced.svg $(OUT)/eval.tsv
	@$(say_found)
	@echo "the curves are in $(OUT)/loss.svg, $(OUT)/losses.svg and $(OUT)/replaced.svg"

include pipelines/tools.mk
include pipelines/pretrain.mk

# What the table of rf-eval says of held-out text.
say_found = awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) col[$$i] = i; next } \
    { printf "\nthe generator: loss %.3f, %.1f %% of the masked words right\n", \
        $$col["generator_loss"], 100 * $$col["generator_acc"]; \
    printf "the discriminator: loss %.3f; it finds %.1f %% of the replaced words, and is right of %.1f %% that it names\n", \
        $$col["discriminator_loss"], 100 * $$col["replaced_recall"], 100 * $$col["replaced_precision"] }' $(OUT)/eval.tsv

$(OUT)/losses.svg: $(OUT)/run/done
	rf-plot --what electra -o $@ $(<D)/log.tsv

$(OUT)/eval.tsv: $(OUT)/run/done $(OUT)/eval.rfs
	rf-eval -m $(OUT)/run -o $@ $(OUT)/eval.rfs
