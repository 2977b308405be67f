# what make lint must find: each fault alone in a copy of the sources
# slow
git -C "$ROOT" rev-parse >/dev/null 2>&1 || { echo 'not a git repository' >&2; exit 77; }
(cd "$ROOT" && git ls-files -z common tools tests/lint | xargs -0 cp --parents -t "$OLDPWD")
git init -q . && git add .
copy() { cp "$1" kept; file=$1; }
lint() { # PART: run it, and put the file back
    tests/lint build "$1" 2>&1 | grep '^lint: ' || echo "$1 found nothing"
    mv kept "$file"
}
for part in words layers headers length; do tests/lint build $part && echo "$part: well"; done

copy common/data/mask.c && echo '#include "nn/nn.h"' >>"$file" && lint layers
copy common/base/buf.c && echo '# include "data/mask.h"' >>"$file" && lint layers
copy common/text/cut.c && echo '#include "shard/mix.h"' >>"$file" && lint layers
copy common/ROOMS && echo "attic base" >>"$file" && mkdir common/loft && lint layers; rmdir common/loft
copy common/ROOMS && sed -i "s/^text        base/text        base data/" "$file" && lint layers
copy common/nn/nn.h && echo '#include "data/mask.h"' >>"$file" && lint layers
copy common/model/model.c && echo '#include "data/mask.h"' >>"$file" && lint layers
copy tools/wp-encode.c && echo '#include "data/mask.c"' >>"$file" && lint layers
copy common/data/mask.c && echo 'void f(void) { exit(1); }' >>"$file" && lint layers
copy common/corpus/cirrus.h && echo 'struct f { uint128_t x; };' >>"$file" && lint headers
copy common/data/mask.c && { echo 'void f(void)'; echo '{'; seq -f ';//%g' 58; echo '}'; } >>"$file" && lint length
copy common/data/mask.c && { echo 'void f(void)'; echo '{'; seq -f ';//%g' 59; echo '}'; } >>"$file" && lint length
copy common/data/mask.c && seq -f '//%g' 600 >>"$file" && lint length
copy common/data/mask.c && echo '// see pypi''.org' >>"$file" && lint words
copy common/data/mask.c && echo '"/''work/wt"' >>"$file" && lint words
copy common/data/mask.c && echo '"/''root/x"' >>"$file" && lint words
copy common/data/mask.c && echo '// of ..''/shared' >>"$file" && lint words
