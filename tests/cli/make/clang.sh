# clang, 14 or later, has no warning for any source, those of the tests among them
# slow
command -v clang >/dev/null || { echo 'no clang' >&2; exit 77; }
echo '#include <omp.h>' | clang -fopenmp -x c -fsyntax-only - 2>/dev/null || { echo 'no omp.h for clang' >&2; exit 77; }
[ "$(clang -dumpversion | cut -d . -f 1)" -ge 14 ] || { echo 'clang before 14' >&2; exit 77; }
here=${PWD#"$ROOT/"} # make takes no spaces, which may stand in the root's name
warnings() { make -s -k -j2 -C "$ROOT" CC=clang BUILD="$here/build" WERROR=-Werror "$@" 2>&1 | grep -E 'error:|warning:'; }
warnings syntax

echo '== a warning is found'
rm build/common/base/err.ok
echo 'static void no_one_calls_this(void) {}' >warned.h
warnings CFLAGS="-include $here/warned.h" "$here/build/common/base/err.ok" | sed 's/.*error: //'
#out
# == a warning is found
# unused function 'no_one_calls_this' [-Werror,-Wunused-function]
