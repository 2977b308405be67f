# trials.mk: what the pipelines that compare runs have in common: the table of these, and their curves.
#
#     names := OUT YAML             as names.mk has them
#     lists := CORPUS
#     plot_by := tokens             what the curves are drawn by
#     include pipelines/names.mk    and what is refused besides
#     include pipelines/trials.mk   behind it; with what it includes
#
# Behind that they set RUNS, the names of the runs, and have rules for $(OUT)/RUN/done and $(OUT)/table.md. What depends
# on `always` is made each time: it is of the runs that are asked for.
.SECONDARY:
.SECONDEXPANSION:
.PHONY: all

all: $(OUT)/table.md $(OUT)/loss.svg
	@cat $(OUT)/table.md

include pipelines/tools.mk
include pipelines/text.mk

all_done = $(RUNS:%=$(OUT)/%/done)
$(OUT)/loss.svg: $$(all_done) always
	rf-plot --by $(plot_by) -o $@ $(RUNS:%=$(OUT)/%/log.tsv)
