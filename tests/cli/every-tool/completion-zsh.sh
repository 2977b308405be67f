# What zsh completes of what is typed, with its line editor on a terminal of its own.
command -v zsh >/dev/null || { echo 'no zsh' >&2; exit 77; }
mkdir -p functions 'a folder' other && touch 'a file.txt' another
for tool in wp-encode rf-fill rf-plot wp-decode ckpt-info; do
    "$tool" --completion zsh >functions/_"$tool"
done
cat >.zshrc <<'X'
PS1= PS2= RPS1=
fpath=($PWD/functions $fpath)
autoload -Uz compinit && compinit -u -D
unsetopt beep list_beep prompt_sp prompt_cr auto_menu auto_list
show() { printf '<%s>' "$@" >>typed; echo >>typed }
for tool in wp-encode rf-fill rf-plot wp-decode ckpt-info; do eval "$tool() { show \"\$@\" }"; done
X
printf '%s\n' 'wp-encode --stri	' 'wp-encode a\ fi	' 'wp-encode -o a\ fi	' 'wp-encode --output=a\ fi	' \
    'rf-fill -m a	' 'rf-fill --model=o	' 'rf-plot --what=pe	' 'rf-plot --by sec	' 'rf-plot -w pe	' \
    'rf-plot -wpe	' 'wp-decode --no-cl	' 'ckpt-info oth	' exit |
    ZDOTDIR=$PWD timeout 60 script -qec 'zsh -i' /dev/null >screen 2>&1
cat typed
#out
# <--strip-accents>
# <a file.txt>
# <-o><a file.txt>
# <--output=a file.txt>
# <-m><a folder>
# <--model=other>
# <--what=perplexity>
# <--by><seconds>
# <-w><perplexity>
# <-wperplexity>
# <--no-clean>
# <other>
