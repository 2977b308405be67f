# install and uninstall leave a folder as it was, whatever its name: folders that were there stay, others go
install() { # make's arguments
    config=${BUILD##*/}
    case $config in asan | tsan | lint) ;; *) config=release ;; esac
    make -s -C "$ROOT" CUDA= MPICC= CC="$(cat "$BUILD/compiler")" CONFIG="$config" BUILD="${BUILD#"$ROOT/"}" "$@" >log 2>&1 || cat log
}
kinds() { find "$1" -type f -printf '%P\n' | sed 's|[^/]*$||' | sort | uniq -c | sed 's/^ *//'; }

echo '== a prefix with a space, that is not there'
install install PREFIX="$PWD/a b/it's"
kinds "a b/it's"
"a b/it's/bin/wp-train" --version >/dev/null
grep -c "^a b/it's\|^/.*/share/man/man1$" "a b/it's/share/reformer-tools/folders"
install install PREFIX="$PWD/a b/it's"
install uninstall PREFIX="$PWD/a b/it's"
find . -mindepth 1 ! -name log

echo '== a prefix that holds folders and files of others'
mkdir -p prefix/bin prefix/share/man/man1 prefix/share/empty
install install PREFIX="$PWD/prefix"
touch prefix/share/man/man5/other.5
install uninstall PREFIX="$PWD/prefix"
find prefix | sort
rm -r prefix

echo '== staged'
mkdir 'stage 1'
install install DESTDIR="$PWD/stage 1" PREFIX=/opt/tools
ls 'stage 1/opt/tools'
install uninstall DESTDIR="$PWD/stage 1" PREFIX=/opt/tools
find stage*

echo '== what was never installed'
install uninstall PREFIX="$PWD/none"
ls
#out
# == a prefix with a space, that is not there
# 27 bin/
# 27 share/bash-completion/completions/
# 27 share/man/man1/
# 6 share/man/man5/
# 1 share/man/man7/
# 1 share/reformer-tools/
# 27 share/zsh/site-functions/
# 1
# == a prefix that holds folders and files of others
# prefix
# prefix/bin
# prefix/share
# prefix/share/empty
# prefix/share/man
# prefix/share/man/man1
# prefix/share/man/man5
# prefix/share/man/man5/other.5
# == staged
# bin
# share
# stage 1
# == what was never installed
# log
# stage 1
