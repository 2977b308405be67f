# corpus.mk: public dumps to plain text: a title line, a sentence a line, a blank line between documents.
#
#     make -f pipelines/corpus.mk kowiki                          the newest dump of a wiki, by its code
#     make -f pipelines/corpus.mk enwiki simplewiki OUT=/data
#     make -f pipelines/corpus.mk namuwiki FILE=namuwiki.json.zst a dump of Namuwiki that you have
#     make -f pipelines/corpus.mk modu FILES='NIKL_NEWSPAPER/*.json'   모두의 말뭉치, likewise
#
# OUT       folder of the corpora: NAME.txt, and NAME.lost.tsv with what of a wiki was not taken
# DUMPS     folder of the downloads, which are kept
# BASE_URL  where the dumps are, or a mirror of it; DATE: of a dump, else the newest that is finished
# Large dumps may also go into mlm.mk and its like as they are, in parts, on many cores or machines: parts.mk.
# A corpus that is there is left alone: remove it to make it anew. A download that broke off goes on
# where it stopped, and is checked against the dump's SHA-1 before it is read.
OUT      ?= corpora
DUMPS    ?= $(OUT)/dumps
BASE_URL ?= https://dumps.wikimedia.org
DATE     ?=
FILE     ?=
FILES    ?=

names       := OUT DUMPS FILE
include pipelines/names.mk

wikis := $(filter-out help tools namuwiki modu,$(MAKECMDGOALS))
.PHONY: help tools namuwiki modu $(wikis)
export BASE_URL DATE

help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' pipelines/corpus.mk

more_deps := curl ca-certificates
include pipelines/tools.mk

$(wikis): %: $(OUT)/%.txt
namuwiki: $(OUT)/namuwiki.txt
modu: $(OUT)/modu.txt

# Where the first of two tools fails, the second one sees but an end: so the name is given last.
define sentences
{ $(1) | split-sentences -v -o $@.part; } || { rm -f $@.part; exit 1; }
@mv $@.part $@
endef

$(OUT)/namuwiki.txt: $(FILE) | tools
	@[ -n '$(FILE)' ] || { echo 'corpus.mk: give FILE=, a dump of Namuwiki' >&2; exit 1; }
	@mkdir -p $(@D)
	$(call sentences,namu-text -v $(FILE))

$(OUT)/modu.txt: $(wildcard $(FILES)) | tools
	@[ -n '$(FILES)' ] || { echo 'corpus.mk: give FILES=, the JSON files of the corpora' >&2; exit 1; }
	@mkdir -p $(@D)
	$(call sentences,modu-text -v $(FILES))

$(OUT)/%.txt: | tools
	@mkdir -p $(@D)
	files=$$(pipelines/fetch-dump $* $(DUMPS)); $(call sentences,wiki-text -v --report $(OUT)/$*.lost.tsv $$files)
