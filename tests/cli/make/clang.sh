# clang, 14 or later, has no warning for any source, those of the tests among them
# slow
command -v clang >/dev/null || { echo 'no clang' >&2; exit 77; }
echo '#include <omp.h>' | clang -fopenmp -x c -fsyntax-only - 2>/dev/null || { echo 'no omp.h for clang' >&2; exit 77; }
[ "$(clang -dumpversion | cut -d . -f 1)" -ge 14 ] || { echo 'clang before 14' >&2; exit 77; }
warnings() { make -s -k -j2 -C "$ROOT" CC=clang BUILD="$PWD/build" WERROR=-Werror "$@" 2>&1 | grep -E 'error|warning' | sed "s|$ROOT/||"; }
warnings syntax

echo '== a warning is found'
rm build/common/base/err.ok
warnings WARN='-Weverything -Werror' "$PWD/build/common/base/err.ok" | grep -c '\[-Werror,-W' | sed 's/^[1-9][0-9]*$/some/'
#out
# == a warning is found
# some
