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

# Of every pipeline: a recipe ends at the first command that fails, and what it was making goes.
SHELL       := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
