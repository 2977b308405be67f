# names.mk: what make cannot have in the name of a file is refused in a line, before anything is made.
#
#     names := OUT YAML             variables of a pipeline that each hold one name
#     lists := CORPUS               those that hold several, spaces between them: files that are there
#     include pipelines/names.mk
$(foreach v,$(names),$(if $(word 2,$($v)),$(error $v='$($v)': the name of a file may not hold spaces here)))
$(foreach v,$(names) $(lists),$(foreach c,: % * ? [ ' " \ ` $$ & ; | < > ( ),$(if $(findstring $c,$($v)),\
    $(error $v='$($v)': the name of a file may not hold $c here))))
$(foreach v,$(lists),$(foreach f,$($v),$(if $(wildcard $f),,\
    $(error $v='$($v)': there is no file '$f'; names are parted by spaces and hold none))))
$(if $(strip $(OUT)),,$(error OUT is empty))

# $(call keep,FILE,VARIABLES): in a recipe, keep the values of VARIABLES in FILE, which stands beside what is made with them.
# $(call check_kept,FILE,VARIABLES): where FILE has others, refuse to take what stands beside it for what these would make.
lines_of   = printf '%s\n' $(foreach v,$1,'$v=$(subst ','\'',$(strip $($v)))')
shown      = sed "s/.*/'&'/" | paste -sd ' '
kept       = $(shell $(call lines_of,$2) | grep -vxFf - $1 | $(shown))
given      = $(shell $(call lines_of,$2) | grep -vxFf $1 | $(shown))
keep       = @$(call lines_of,$2) >$1
check_kept = $(if $(wildcard $1),$(if $(call given,$1,$2),$(error $(patsubst %/,%,$(dir $1)) was made with $(call kept,$1,$2), \
    not with $(call given,$1,$2): give another OUT, or remove this one)))

# Of every pipeline: a recipe ends at the first command that fails, and what it was making goes.
SHELL       := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
