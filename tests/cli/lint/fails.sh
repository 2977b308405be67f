# what make lint must find: each fault alone in a copy of the sources
# slow
git -C "$ROOT" rev-parse >/dev/null 2>&1 || { echo 'not a git repository' >&2; exit 77; }
(cd "$ROOT" && git ls-files -z common tools tests/lint tests/rooms-svg | xargs -0 cp --parents -t "$OLDPWD")
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
copy common/rooms.svg && echo >>"$file" && lint layers
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

library() { # FILE CODE...: what lint finds in a library of these
    rm -rf objects && mkdir -p build objects
    while [ $# -gt 0 ]; do
        gcc -x c -c -o "objects/$1.o" - <<<"$2"
        shift 2
    done
    rm -f build/libcommon.a && ar rcs build/libcommon.a objects/*.o
    tests/lint build circles && echo 'circles: well'
}
tests/lint build circles
allowed=(namumark 'void b(void); void a(void) { b(); }' namumark_line 'void a(void); void b(void) { a(); }')
library "${allowed[@]}" top 'void f(void); int main(void) { f(); }' under 'void g(void); void f(void) { g(); }' \
    deep 'extern int x; void g(void) { x = 1; }' round 'void f(void); int x; void h(void) { f(); }'
library top 'int main(void) { }'
library "${allowed[@]}" top 'void f(void); int main(void) { f(); }' under 'int x; void f(void) { x = 1; }'
#out
# words: well
# layers: well
# headers: well
# length: well
# lint: common/data may include only: data base text wordpiece shard
# lint: common/base may include only: base
# lint: common/text may include only: text base
# lint: common/ROOMS has no line for common/loft
# lint: common/rooms.svg is not that of common/ROOMS: run tests/rooms-svg
# lint: common/ROOMS: text uses data, which does not stand above it
# lint: common/rooms.svg is not that of common/ROOMS: run tests/rooms-svg
# lint: common/rooms.svg is not that of common/ROOMS: run tests/rooms-svg
# lint: common/nn may include only: nn base
# lint: common/model may include only: model base nn ckpt
# lint: a .c file is included
# lint: only tools and tests print or exit
# lint: common/corpus/cirrus.h does not stand alone
# length found nothing
# lint: a function does not fit a screen of 60 lines
# lint: common/data/mask.c is longer than 600 lines
# lint: the host of a package registry
# lint: a path of one machine
# lint: a path of one machine
# lint: what lies beside the project, outside of tests
# lint: no build/libcommon.a
# deep.c -> round.c: x
# round.c -> under.c: f
# under.c -> deep.c: g
# lint: circles of files
# allowed, but not there: namumark_line.c namumark.c
# lint: circles of files
# circles: well
