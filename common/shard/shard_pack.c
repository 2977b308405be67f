/*
 * shard_pack.c: three predictions of the next symbol, from the longest context to the shortest.
 *
 * The first prediction is the text that followed when the same three symbols stood before; the
 * length of the match is written, as in LZP (C. Bloom, "LZP: a new data compression algorithm",
 * DCC 1996). The second is a row of the three symbols that last followed the two symbols
 * before, the third a row of the 128 that last followed the one before; in both the most recent
 * symbol comes first. A symbol in no row is written as it is.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/bytes.h"
#include "base/x86.h"
#include "shard/shard_packer.h"

enum { LARGE_PAGES_FROM = 1 << 16 /* in symbols */ };

const struct pack_loops *shard_packer_loops(size_t i)
{
    const struct pack_loops *able[3];
    size_t n = 0;

    if (x86_v4())
        able[n++] = &pack_avx512;
    if (x86_v3())
        able[n++] = &pack_avx2;
    able[n++] = &pack_plain;
    return i < n ? able[i] : NULL;
}

/* Returns memory filled with zeros; NULL: there is none. */
static void *new_table(size_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return p == MAP_FAILED ? NULL : p;
}

/* Choose the pages of the tables before the first symbols come. For many symbols large pages,
 * if the system has them, save a page walk at nearly each access, a fifth of the time. A few
 * symbols touch only a few pages, which should be small. */
static void choose_pages(const struct shard_packer *p, size_t symbols)
{
    if (p->at > 0 || symbols < LARGE_PAGES_FROM)
        return;
    (void)madvise(p->row1, p->symbols * sizeof *p->row1, MADV_HUGEPAGE);
    (void)madvise(p->row2, sizeof *p->row2 << ROW2_BITS, MADV_HUGEPAGE);
    (void)madvise(p->place, sizeof *p->place << PLACE_BITS, MADV_HUGEPAGE);
    (void)madvise(p->guess, (size_t)1 << GUESS_BITS, MADV_HUGEPAGE);
    (void)madvise(p->history, HISTORY * sizeof *p->history, MADV_HUGEPAGE);
}

static void free_table(void *p, size_t bytes)
{
    if (p)
        munmap(p, bytes);
}

int shard_packer_new(struct shard_packer **out, uint32_t symbols)
{
    struct shard_packer *p = calloc(1, sizeof *p);

    if (!p)
        return RF_ENOMEM;
    p->symbols = symbols;
    p->loops = shard_packer_loops(0);
    p->row1 = new_table(symbols * sizeof *p->row1);
    p->known1 = calloc(symbols, 1);
    p->row2 = new_table(sizeof *p->row2 << ROW2_BITS);
    p->place = new_table(sizeof *p->place << PLACE_BITS);
    p->history = new_table(HISTORY * sizeof *p->history);
    p->guess = new_table((size_t)1 << GUESS_BITS);
    if (!p->guess || !p->row1 || !p->known1 || !p->row2 || !p->place || !p->history) {
        shard_packer_free(p);
        return RF_ENOMEM;
    }
    *out = p;
    return RF_OK;
}

void shard_packer_reset(struct shard_packer *p)
{
    if (p->at == 0)
        return;
    memset(p->row1, 0, p->symbols * sizeof *p->row1);
    memset(p->known1, 0, p->symbols);
    memset(p->row2, 0, sizeof *p->row2 << ROW2_BITS);
    memset(p->place, 0, sizeof *p->place << PLACE_BITS);
    memset(p->guess, 0, (size_t)1 << GUESS_BITS);
    memset(p->history, 0, HISTORY * sizeof *p->history);
    p->at = p->before = 0;
    p->trust = 0;
}

void shard_packer_free(struct shard_packer *p)
{
    if (!p)
        return;
    free_table(p->row1, p->symbols * sizeof *p->row1);
    free(p->known1);
    free_table(p->row2, sizeof *p->row2 << ROW2_BITS);
    free_table(p->place, sizeof *p->place << PLACE_BITS);
    free_table(p->guess, (size_t)1 << GUESS_BITS);
    free_table(p->history, HISTORY * sizeof *p->history);
    free(p);
}

/* Append the bytes sorted by their keys; bytes with equal keys keep their order. `to` has the
 * room. end[k] is the length of `to` behind key k. */
static void put_sorted(struct buf *to, const struct pairs *from, size_t *end, size_t keys)
{
    size_t at[256] = {0};

    for (size_t i = 0; i < from->n; i++)
        at[from->pair[i] >> 8]++;
    for (size_t k = 0; k < keys; k++) {
        size_t n = at[k];

        at[k] = to->len;
        end[k] = to->len += n;
    }
    for (size_t i = 0; i < from->n; i++)
        to->data[at[from->pair[i] >> 8]++] = (char)from->pair[i];
}

static int put_pieces(struct buf *to, const struct pairs *codes, const struct pairs *misses,
                      size_t end[PACK_PIECES])
{
    size_t *stream_end = end + 1, before = to->len + (size_t)4 * PACK_STREAMS;
    uint8_t *sizes;

    if (buf_reserve(to, (size_t)4 * PACK_STREAMS + codes->n + 2 * misses->n) != RF_OK)
        return RF_ENOMEM;
    sizes = (uint8_t *)to->data + to->len;
    end[0] = to->len = before;
    put_sorted(to, codes, stream_end, PACK_STREAMS);
    for (int i = 0; i < PACK_STREAMS; i++) {
        put_le32(sizes + 4 * i, (uint32_t)(stream_end[i] - before));
        before = stream_end[i];
    }
    for (size_t i = 0; i < misses->n; i++)
        to->data[to->len++] = (char)(misses->pair[i] >> 8);
    end[1 + PACK_STREAMS] = to->len;
    put_sorted(to, misses, end + 2 + PACK_STREAMS, 256);
    return RF_OK;
}

int shard_pack(struct shard_packer *p, const uint16_t *s, size_t n, struct buf *to,
               size_t end[PACK_PIECES])
{
    /* Each symbol has at most a length and a code, and it may be a miss. */
    struct pairs codes = {malloc((2 * n + 1) * sizeof *codes.pair), 0},
                 misses = {malloc((n + 1) * sizeof *misses.pair), 0};
    int rc = RF_ENOMEM;

    choose_pages(p, n);
    if (codes.pair && misses.pair) {
        p->loops->pack(p, s, n, &codes, &misses);
        rc = put_pieces(to, &codes, &misses, end);
    }
    free(codes.pair);
    free(misses.pair);
    return rc;
}

/* Join the high bytes of misses, high[n], and the low bytes behind them, of which there is a
 * stream for each high byte. There is room for one more. */
static void join_misses(uint16_t *misses, const uint8_t *high, size_t n)
{
    size_t count[256] = {0};
    const uint8_t *low[256], *next = high + n;

    for (size_t i = 0; i < n; i++)
        count[high[i]]++;
    for (int i = 0; i < 256; i++) {
        low[i] = next;
        next += count[i];
    }
    for (size_t i = 0; i < n; i++)
        misses[i] = (uint16_t)(high[i] << 8 | *low[high[i]]++);
    misses[n] = 0;
}

/* Cut the streams whose sizes are written. What is left is the bytes of misses: *n_misses high
 * ones, and as many low ones. */
static bool cut_streams(struct unpacking *u, const uint8_t *bytes, size_t n_bytes,
                        size_t *n_misses)
{
    size_t rest, sizes = (size_t)4 * PACK_STREAMS;
    const uint8_t *p = bytes + sizes;

    if (n_bytes < sizes)
        return false;
    rest = n_bytes - sizes;
    for (int i = 0; i < PACK_STREAMS; i++) {
        size_t n = get_le32(bytes + 4 * i);

        if (n > rest)
            return false;
        u->at[i] = p;
        u->end[i] = p += n;
        rest -= n;
    }
    *n_misses = rest / 2;
    return rest % 2 == 0;
}

int shard_unpack(struct shard_packer *p, uint16_t *s, size_t n, const uint8_t *bytes,
                 size_t n_bytes)
{
    struct unpacking u;
    size_t n_misses;
    uint16_t *misses;
    int rc;

    if (!cut_streams(&u, bytes, n_bytes, &n_misses))
        return RF_EFORMAT;
    if (!(misses = malloc((n_misses + 1) * sizeof *misses)))
        return RF_ENOMEM;
    join_misses(misses, u.end[PACK_STREAMS - 1], n_misses);
    u.miss = misses;
    u.end_miss = misses + n_misses;
    choose_pages(p, n);
    rc = p->loops->unpack(p, &u, s, n);
    for (int i = 0; i < PACK_STREAMS; i++)
        if (u.at[i] != u.end[i])
            rc = RF_EFORMAT;
    if (u.miss != u.end_miss)
        rc = RF_EFORMAT;
    free(misses);
    return rc;
}
