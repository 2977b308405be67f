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
here=${PWD#"$ROOT/"} # make takes no spaces, which may stand in the root's name
object=$here/build/common/base/err.o
compile() { # CC
    make -C "$ROOT" --no-print-directory CC="$1" BUILD="$here/build" "$object" 2>&1 | sed "s|$here/||; /\*\*\*/d"
    cat "$ROOT/$object"
}
for cc in one one other 'other -m64' clang-99; do echo "CC=$cc" && compile "$cc"; done
#out
# CC=one
#   make common/base/err.o
# by one
# CC=one
# by one
# CC=other
#   make common/base/err.o
# by other
# CC=other -m64
#   make common/base/err.o
# by other
# CC=clang-99
# make: 'clang-99' finds no omp.h: Debian has OpenMP for clang in the package libomp-dev, for clang-14 in libomp-14-dev; 'make deps CC=clang' installs the first
# by other
