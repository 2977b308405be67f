# tests/run and replay.c on a small target: they give it every member of its archive whole, and name the one that breaks it
unset ONLY QUICK UPDATE
mkdir -p build/tests/fuzz tests/fuzz/corpus tests/golden/toy/bad in
cp "$ROOT/tests/run" tests
cat >toy.c <<'EOF'
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* With SHOW set it writes each input behind its size. "!" is a fault, and so is "2" after "1". */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int last;
    int first = size ? data[0] : 0;

    if (first == '!' || (last == '1' && first == '2'))
        abort();
    last = first;
    if (getenv("SHOW")) {
        fprintf(stderr, "%zu:", size);
        fwrite(data, 1, size, stderr);
        fprintf(stderr, "\n");
    }
    return 0;
}
EOF
gcc -o build/tests/fuzz/fuzz_toy toy.c "$ROOT/tests/fuzz/replay.c"
toy=build/tests/fuzz/fuzz_toy
archive=$PWD/tests/fuzz/corpus/toy.a
pack() { rm -f "$archive" && (cd in && ar rcDS "$archive" ./*); }
suite() { tests/run build fuzz 2>/dev/null; echo "exit $?"; }

# odd and even sizes; names that ar puts into a table of their own; what looks like a header; any byte
: >in/0-empty
printf 'odd' >in/1-odd
printf 'even' >in/2-even
printf '%-58s`\n' "//" >in/3-a-name-longer-than-15-bytes
printf ' !<arch>\n' >in/4-an-archive-like-it
printf '\0\377\n' >in/5-bytes
pack
SHOW=1 $toy "$archive" 2>one
SHOW=1 $toy in/* 2>two
cmp one two && head -n 4 one
printf 'golden' >tests/golden/toy/bad/file
suite

printf '!' >in/3-breaks-it-in-the-middle
pack
suite
rm in/3-breaks*
for n in 1 2; do echo $n >in/6-$n; done
pack
suite

rm in/6-*
pack
# cut off in the first line, in a header, in the names, in the padding of the last
for size in 7 60 100 -1; do head -c $size "$archive" >cut.a; $toy cut.a; done
$toy none
#out
# 6 inputs
# 6 inputs
# 0:
# 3:odd
# 4:even
# 60://                                                        `
# 7 passed, 0 failed, 0 skipped
# exit 0
# FAIL  toy: 3-breaks-it-in-the-middle
# 7 passed, 1 failed, 0 skipped
# exit 1
# FAIL  toy: only all inputs together break it
# 9 passed, 1 failed, 0 skipped
# exit 1
#err
# replay: cannot read 'cut.a'
# replay: cannot read 'cut.a'
# replay: cannot read 'cut.a'
# replay: cannot read 'cut.a'
# replay: cannot read 'none'
#exit 1
