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

# $(call bound,FILE,SETTINGS): in a recipe, keep in FILE, beside what is made, what it is made with. $(call check_bound,FILE,SETTINGS):
# refuse to take that for what other settings would make.
bound       = @echo '$(strip $2)' >$1
check_bound = $(if $(wildcard $1),$(foreach was,$(subst $() ,|,$(shell cat $1)),$(if $(subst x$(was)x,,x$(subst $() ,|,$(strip $2))x),\
    $(error '$(patsubst %/,%,$(dir $1))' was made with '$(subst |, ,$(was))', not '$(strip $2)': give another OUT))))

# Of every pipeline: a recipe ends at the first command that fails, and what it was making goes.
SHELL       := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
