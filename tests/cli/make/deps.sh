# packages that are missing are installed, with sudo unless root; where that cannot be, they are listed
fake() { # NAME SCRIPT
    printf '#!/bin/sh\n%s\n' "$2" >"$1"
    chmod +x "$1"
}
mkdir bin
cd bin
path=$PWD
for program in sh grep; do ln -s "$(command -v $program)" .; done
fake dpkg-query 'case $4 in here*) echo install ok installed ;; *) false ;; esac'
fake id 'echo 1000'
fake env 'shift; exec "$@"'
deps() {
    echo "== $1"
    shift
    (PATH=$path && "$ROOT/tests/deps" "$@" 2>&1) || echo "exit $?"
}
deps 'none missing' here-a here-b
deps 'no apt-get' a here-b c
fake apt-get 'echo "$(id -u): apt-get $*" >&2'
deps 'no sudo' a here-b c
fake sudo 'PATH=$PWD/root:$PATH exec "$@"'
mkdir root
(cd root && fake id 'echo 0')
deps 'sudo' a here-b c
fake sudo 'echo sudo: a password is required >&2; exit 1'
deps 'sudo, but not for us' a here-b c
path=$PWD/root:$PWD
deps 'root' a here-b c
#out
# == none missing
# == no apt-get
# deps: no apt-get here; install by hand: a c
# exit 1
# == no sudo
# deps: neither root nor sudo here; as root: apt-get install a c
# exit 1
# == sudo
# deps: installing a c
# 0: apt-get update -qq
# 0: apt-get install -y -qq --no-install-recommends a c
# == sudo, but not for us
# deps: installing a c
# sudo: a password is required
# deps: apt-get failed; as root: apt-get install a c
# exit 1
# == root
# deps: installing a c
# 0: apt-get update -qq
# 0: apt-get install -y -qq --no-install-recommends a c
