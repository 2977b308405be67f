# streams in a row, what may stand behind them and what may not, and what takes too much memory
split() { split-sentences --no-titles "$@"; }
printf '하나다. 둘이다.\n' >text
declare -A ends=([gzip]=gz [bzip2]=bz2 [xz]=xz [zstd]=zst)
for kind in gzip bzip2 xz zstd; do
    file=text.${ends[$kind]}
    $kind -qk text
    cat $file $file >twice
    split twice | cmp - <(cat text text | split) && echo "$kind: twice"
    for tail in '\0\0\0\0' '\0\0\0\0\0\0\0\0' '\0' '\0\0\0\0x' 'BAD' 'BZh9BAD BAD' '\375'; do
        printf "$tail" | cat $file - >tail
        split tail >out 2>err && cmp out <(split text) && echo "$kind: $tail"
        [ ! -s err ] || echo "$kind: $tail: $(sed 's/near byte [0-9]*/near byte N/' err)"
    done
    (cat $file; sleep 0.1; printf '\0\0\0\0\0\0'; sleep 0.1; printf '\0\0') | split >out 2>err && cmp out <(split text) &&
        echo "$kind: padding in pieces"
done
echo == xz: padding between streams
(cat text.xz; printf '\0\0\0\0'; cat text.xz) | split | wc -l
(cat text.xz; printf '\0\0\0'; cat text.xz) | split 2>&1 >out | sed 's/near byte [0-9]*/near byte N/'
echo == zstd: frames that are skipped
skip='P*M\030\003\0\0\0abc'
(printf "$skip"; cat text.zst; printf "$skip"; cat text.zst; printf "$skip") | split | wc -l
echo == memory
base64 -d >long.zst <<<'KLUv/QSoPQEABALsoJzrqqkK7LKrIOusuOyepeydtOuLpC4g65GY7Ke4CgEAozyddeJ1Vg=='
base64 -d >large.xz <<<'/Td6WFoAAATm1rRGAgAhASQAAABeH8f5AQAJ6rCALiDrgpguCgAAACOIWLSRaobsAAEiChUa4WcftvN9AQAAAAAEWVo='
split long.zst
split <long.zst
split large.xz
zstd -qdc --long=31 long.zst | split
xz -dc large.xz | split
#out
# gzip: twice
# gzip: \0\0\0\0
# gzip: \0\0\0\0\0\0\0\0
# gzip: \0
# gzip: \0\0\0\0x: split-sentences: bad gzip data in 'tail' near byte N: something else follows, which gzip -dc leaves out
# gzip: BAD: split-sentences: bad gzip data in 'tail' near byte N: something else follows, which gzip -dc leaves out
# gzip: BZh9BAD BAD: split-sentences: bad gzip data in 'tail' near byte N: something else follows, which gzip -dc leaves out
# gzip: \375: split-sentences: bad gzip data in 'tail' near byte N: something else follows, which gzip -dc leaves out
# gzip: padding in pieces
# bzip2: twice
# bzip2: \0\0\0\0
# bzip2: \0\0\0\0\0\0\0\0
# bzip2: \0
# bzip2: \0\0\0\0x: split-sentences: bad bzip2 data in 'tail' near byte N: something else follows, which bzip2 -dc leaves out
# bzip2: BAD: split-sentences: bad bzip2 data in 'tail' near byte N: something else follows, which bzip2 -dc leaves out
# bzip2: BZh9BAD BAD: split-sentences: bad bzip2 data in 'tail' near byte N: something else follows, which bzip2 -dc leaves out
# bzip2: \375: split-sentences: bad bzip2 data in 'tail' near byte N: something else follows, which bzip2 -dc leaves out
# bzip2: padding in pieces
# xz: twice
# xz: \0\0\0\0
# xz: \0\0\0\0\0\0\0\0
# xz: \0: split-sentences: bad xz data in 'tail' near byte N: zero bytes follow, but not a multiple of 4
# xz: \0\0\0\0x: split-sentences: bad xz data in 'tail' near byte N: something else follows
# xz: BAD: split-sentences: bad xz data in 'tail' near byte N: something else follows
# xz: BZh9BAD BAD: split-sentences: bad xz data in 'tail' near byte N: something else follows
# xz: \375: split-sentences: xz data in 'tail' ends too early
# xz: padding in pieces
# zstd: twice
# zstd: \0\0\0\0: split-sentences: bad zstd data in 'tail' near byte N: something else follows
# zstd: \0\0\0\0\0\0\0\0: split-sentences: bad zstd data in 'tail' near byte N: something else follows
# zstd: \0: split-sentences: bad zstd data in 'tail' near byte N: something else follows
# zstd: \0\0\0\0x: split-sentences: bad zstd data in 'tail' near byte N: something else follows
# zstd: BAD: split-sentences: bad zstd data in 'tail' near byte N: something else follows
# zstd: BZh9BAD BAD: split-sentences: bad zstd data in 'tail' near byte N: something else follows
# zstd: \375: split-sentences: bad zstd data in 'tail' near byte N: something else follows
# == xz: padding between streams
# 4
# split-sentences: bad xz data in 'standard input' near byte N: zero bytes follow, but not a multiple of 4
# == zstd: frames that are skipped
# 4
# == memory
# 제목
# 첫 문장이다.
# 둘째 문장이다.
# 가. 나.
#err
# split-sentences: 'long.zst' needs over 128 MiB to be decompressed: use zstd -dc --long=31 long.zst |
# split-sentences: 'standard input' needs over 128 MiB to be decompressed: use zstd -dc --long=31 |
# split-sentences: 'large.xz' needs over 128 MiB to be decompressed: use xz -dc large.xz |
