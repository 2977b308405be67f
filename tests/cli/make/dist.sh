# a tarball makes a tarball of the same files, without git, and without what lies about in its tree; lint needs git
{ [ ! -e "$ROOT/.git" ] || git -C "$ROOT" rev-parse >/dev/null 2>&1; } || { echo 'a checkout, but no git' >&2; exit 77; }
tarball=$(make -s -C "$ROOT" dist) && tar -xf "$ROOT/$tarball" && mv reformer-tools-* first
mkdir -p first/runs first/tests/__pycache__
touch first/vocab.txt first/config.mk first/tests/x.tmp first/tests/__pycache__/x.pyc
make -s -C first dist | sed 's/[0-9.]*\.tar/*.tar/'
tar -xf first/build/*.tar.gz && mv reformer-tools-* second
diff -r first second || :
GIT_CEILING_DIRECTORIES=$PWD first/tests/lint build form; echo "exit $?"
#out
# build/reformer-tools-*.tar.gz
# Only in first: build
# Only in first: config.mk
# Only in first: runs
# Only in first/tests: __pycache__
# Only in first/tests: x.tmp
# Only in first: vocab.txt
# exit 2
#err
# lint: this is no checkout: what belongs to the sources is what git lists
