# tools.mk: where the tools of a pipeline are: in BIN, or built first with what they need.
#
#     more_deps := curl             Debian packages that the pipeline needs besides
#     include pipelines/tools.mk    behind the first rule, which stays the default
#
# The way to a GPU, which takes minutes to compile, is built where DEVICE asks for one.
ifeq ($(origin BIN),undefined)
BIN := $(CURDIR)/build/release/bin
tools:
	@$(if $(more_deps),tests/deps $(more_deps))
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory -j2 $(if $(filter-out cpu,$(DEVICE)),all,bins)
else
tools:
endif
.PHONY: tools always
always: # what depends on it is made each time
export PATH := $(BIN):$(PATH)

# What the log of $(OUT)/run says at the end.
say_loss = awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) col[$$i] = i } \
    NR > 1 && $$col["eval_loss"] != "-" { step = $$1; loss = $$col["eval_loss"]; unigram = $$col["unigram_loss"] } \
    END { printf "\nafter %d steps: loss %.3f on held-out text; a unigram model of the same tokens: %.3f\n", \
        step, loss, unigram }' $(OUT)/run/log.tsv
