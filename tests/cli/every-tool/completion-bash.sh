# What bash completes, asked of the completion functions as bash asks them: words, the last of them begun.
# COMP_WORDBREAKS holds "=", so that --what=lo is three words; a user may have taken it out.
ask() { # TOOL WORD...: the answers in one line, and what compopt was told
    local COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
    # shellcheck disable=SC1090
    source <("$1" --completion bash)
    compopt() { told="${told:+$told }$*"; }
    told=
    "_$1"
    echo "${*:2} -> ${COMPREPLY[*]}${told:+ [$told]}"
}
ask rf-plot --wh
ask rf-plot -w ''
ask rf-plot -w p
ask rf-plot --what lo
ask rf-plot --what = lo
ask rf-plot --what =
ask rf-plot --what=lo
ask wp-decode --no-
ask text-filter --tit
ask text-filter --min-line ''
# Files are left to bash, and so are folders, but for their names alone.
ask wp-encode -o ''
ask wp-encode --output = x
ask wp-encode cor
ask rf-fill -m ''
ask rf-fill --model = ''
ask rf-train --train.run ''
ask rf-train -o ''
ask rf-train -c ''
ask rf-train --model.norm ''
ask ckpt-info r
ask ckpt-info -o ''

# The same by typing: bash with its line editor, on a terminal of its own.
mkdir -p 'a folder' other && touch 'a file.txt' another
cat >typed.sh <<'X'
PS1= PROMPT_COMMAND=
bind 'set enable-bracketed-paste off'
bind 'set bell-style none'
X
{
    for tool in wp-encode rf-fill rf-plot; do "$tool" --completion bash; done
    echo 'show() { printf "<%s>" "$@" >>typed; echo >>typed; }'
    echo 'wp-encode() { show "$@"; }; rf-fill() { show "$@"; }; rf-plot() { show "$@"; }'
} >>typed.sh
printf '%s\n' 'wp-encode --stri	' 'wp-encode a\ fi	' 'wp-encode -o "a fi	' 'wp-encode --output=a\ fi	' \
    'rf-fill -m a	' 'rf-fill --model=o	' 'rf-plot --what=pe	' 'rf-plot -b sec	 --fo	 pn	' exit |
    timeout 60 script -qec "bash --noprofile --rcfile typed.sh -i" /dev/null >screen 2>&1
cat typed
#out
# --wh -> --what [+o default]
# -w  -> loss perplexity bits lr electra replaced score [+o default]
# -w p -> perplexity [+o default]
# --what lo -> loss [+o default]
# --what = lo -> loss [+o default]
# --what = -> loss perplexity bits lr electra replaced score [+o default]
# --what=lo -> --what=loss [+o default]
# --no- -> --no-ids --no-keep-special --no-clean [+o default]
# --tit -> --titles [+o default]
# --min-line  ->  [+o default]
# -o  -> 
# --output = x -> 
# cor -> 
# -m  ->  [+o default -o dirnames]
# --model =  ->  [+o default -o dirnames]
# --train.run  ->  [+o default -o dirnames]
# -o  ->  [+o default -o dirnames]
# -c  -> 
# --model.norm  -> layer scale rezero [+o default]
# r ->  [+o default -o dirnames]
# -o  -> 
# <--strip-accents>
# <a file.txt>
# <-o><a file.txt>
# <--output=a file.txt>
# <-m><a folder/>
# <--model=other/>
# <--what=perplexity>
# <-b><seconds><--format><png>
