# another compiler makes all objects anew, the same one none; one without OpenMP's header is told so
fake() { # NAME SCRIPT
    printf '#!/bin/sh\n%s\n' "$2" >"$1"
    chmod +x "$1"
}
compile='case $1 in --version) exit ;; esac
while [ $# -gt 1 ]; do [ "$1" != -o ] || echo "by $(basename "$0")" >"$2"; shift; done'
fake one "$compile"
fake other "$compile"
fake clang-99 '[ "$1" = --version ]'
export PATH=$PWD:$PATH
object=$PWD/build/common/base/err.o
compile() { # CC
    make -C "$ROOT" --no-print-directory CC="$1" BUILD="$PWD/build" "$object" 2>&1 | sed "s|$PWD/||; /\*\*\*/d"
    cat "$object"
}
for cc in one one other 'other -m64' clang-99; do echo "CC=$cc" && compile "$cc"; done
