/*
 * shard_pack.c: three predictions of the next symbol, from the longest context to the shortest.
 *
 * The first prediction is the text that followed when the same three symbols stood before; the
 * length of the match is written, as in LZP (C. Bloom, "LZP: a new data compression algorithm",
 * DCC 1996). The second is a row of the three symbols that last followed the two symbols
 * before, the third a row of the 128 that last followed the one before; in both the most recent
 * symbol comes first. A symbol in no row is written as it is.
 */
#include "shard/shard_pack.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/bytes.h"

enum {
    ROW1 = 128,
    ROW2 = 3,
    ROW2_BITS = 20,
    PLACE_BITS = 21,
    HISTORY = 1 << 23, /* in symbols */
    TAG_SHIFT = 23,
    LENGTH_MAX = 255,
    CODE_MISS = 255,
    LARGE_PAGES_FROM = 1 << 16, /* in symbols */
    AHEAD = 4,                  /* the rows are fetched this many symbols ahead */
};

struct row1 {
    uint16_t next[ROW1];
};

struct row2 {
    uint16_t tag, next[ROW2];
};

struct shard_packer {
    uint32_t symbols;
    struct row1 *row1; /* found by the symbol before */
    uint8_t *known1;   /* how many symbols each row1 was given */
    struct row2 *row2; /* found by a hash of the two symbols before */
    uint32_t *place; /* found by a hash of the three symbols before: the place behind them, and
                        a tag */
    uint16_t *history; /* a ring */
    uint64_t at;       /* number of symbols so far */
    uint64_t before;   /* the last four symbols, the last one lowest */
    unsigned trust;    /* higher if the last matches were long */
};

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
    (void)madvise(p->row2, sizeof *p->row2 << ROW2_BITS, MADV_HUGEPAGE);
    (void)madvise(p->place, sizeof *p->place << PLACE_BITS, MADV_HUGEPAGE);
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
    p->row1 = calloc(symbols, sizeof *p->row1);
    p->known1 = calloc(symbols, 1);
    p->row2 = new_table(sizeof *p->row2 << ROW2_BITS);
    p->place = new_table(sizeof *p->place << PLACE_BITS);
    p->history = new_table(HISTORY * sizeof *p->history);
    if (!p->row1 || !p->known1 || !p->row2 || !p->place || !p->history) {
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
    memset(p->history, 0, HISTORY * sizeof *p->history);
    p->at = p->before = 0;
    p->trust = 0;
}

void shard_packer_free(struct shard_packer *p)
{
    if (!p)
        return;
    free(p->row1);
    free(p->known1);
    free_table(p->row2, sizeof *p->row2 << ROW2_BITS);
    free_table(p->place, sizeof *p->place << PLACE_BITS);
    free_table(p->history, HISTORY * sizeof *p->history);
    free(p);
}

static inline uint64_t hash(uint64_t before, int symbols)
{
    return (before & (((uint64_t)1 << 16 * symbols) - 1)) * 0x9E3779B97F4A7C15u;
}

/* Returns a cache line of 16 places. It depends only on the two symbols before the last one, so
 * it can be fetched before the last one is known. */
static inline uint32_t *find_line(const struct shard_packer *p, uint64_t before)
{
    return &p->place[hash(before, 2) >> (64 - PLACE_BITS + 4) << 4];
}

static inline uint32_t *find_place(const struct shard_packer *p, uint64_t before)
{
    return find_line(p, before >> 16) + (hash(before, 1) >> 60);
}

static inline struct row2 *find_row2(const struct shard_packer *p)
{
    uint64_t h = hash(p->before, 2);
    struct row2 *r = &p->row2[h >> (64 - ROW2_BITS)];
    uint16_t tag = (uint16_t)(h >> 20);

    if (r->tag != tag)
        *r = (struct row2){.tag = tag};
    return r;
}

/* Returns the index of a symbol in a row, ROW1 if it is not there. There is no branch, so
 * compilers can use vectors. */
static inline unsigned find1(const struct row1 *r, uint16_t symbol)
{
    int16_t best = 0;

    for (int i = 0; i < ROW1; i++) {
        int16_t here = r->next[i] == symbol ? (int16_t)(i - ROW1) : 0;

        best = here < best ? here : best;
    }
    return (unsigned)(best + ROW1);
}

static inline unsigned find2(const struct row2 *r, uint16_t symbol)
{
    unsigned i = 0;

    while (i < ROW2 && r->next[i] != symbol)
        i++;
    return i;
}

/* Move the symbol at index i of a row to the front. If i is the end of the row, the
 * symbol is new. */
static inline void learn1(struct shard_packer *p, struct row1 *r, unsigned i, uint16_t symbol)
{
    uint8_t *known = &p->known1[r - p->row1];

    if (i == ROW1) {
        i--;
        *known += *known < ROW1;
    }
    memmove(r->next + 1, r->next, i * sizeof *r->next);
    r->next[0] = symbol;
}

static inline void learn2(struct row2 *r, unsigned i, uint16_t symbol)
{
    for (i -= i == ROW2; i > 0; i--)
        r->next[i] = r->next[i - 1];
    r->next[0] = symbol;
}

static inline void pass_symbol(struct shard_packer *p, uint16_t symbol)
{
    p->history[p->at++ % HISTORY] = symbol;
    p->before = p->before << 16 | symbol;
}

/* Fetch what will be needed next. While unpacking, only the symbols so far are known. */
static inline void fetch_next(const struct shard_packer *p)
{
    __builtin_prefetch(&p->row2[hash(p->before, 2) >> (64 - ROW2_BITS)]);
    __builtin_prefetch(find_line(p, p->before));
}

/* Returns how far back the same three symbols last stood, 0 if this is not known. From now on
 * they are known to stand here. */
static inline uint32_t swap_place(struct shard_packer *p)
{
    uint32_t *place = find_place(p, p->before), was = *place;
    uint32_t tag = (uint32_t)(hash(p->before, 3) >> 20) << TAG_SHIFT,
             here = (uint32_t)(p->at % HISTORY);
    uint32_t back = (here - was) % HISTORY;

    *place = here | tag;
    return (was ^ tag) >> TAG_SHIFT == 0 && back <= p->at ? back : 0;
}

static inline unsigned most_length(size_t left, uint32_t back)
{
    size_t most = left < LENGTH_MAX ? left : LENGTH_MAX;

    return (unsigned)(back < most ? back : most);
}

static inline void trust_more(struct shard_packer *p, unsigned length)
{
    static const uint8_t gain[8] = {0, 1, 2, 2, 3, 3, 3, 3};

    p->trust = p->trust / 2 + (length < 8 ? gain[length] : 4);
}

/* Learn a symbol of a match. Only the first one goes into the rows; the others
 * were predicted. */
static inline void learn_match(struct shard_packer *p, unsigned i, uint16_t symbol)
{
    if (i == 0) {
        struct row1 *r1 = &p->row1[p->before & 0xFFFF];
        struct row2 *r2 = find_row2(p);

        learn1(p, r1, find1(r1, symbol), symbol);
        learn2(r2, find2(r2, symbol), symbol);
    } else {
        (void)swap_place(p);
    }
    pass_symbol(p, symbol);
}

/* Returns the stream for a code. It depends on whether a match came before and on how many
 * symbols the rows have, so that the codes in a stream are alike. */
static inline unsigned code_stream(const struct shard_packer *p, const struct row1 *r1,
                                   const struct row2 *r2, bool after_match)
{
    unsigned known = p->known1[r1 - p->row1], n2 = 0;

    for (int i = 0; i < ROW2; i++)
        n2 += r2->next[i] != 0;
    return PACK_LENGTH_STREAMS + (after_match * 4u + n2) * 5 + (known >= 4) + (known >= 16) +
           (known >= 48) + (known >= ROW1);
}

/* The output of packing, as pairs: a key in the high byte and a byte to write. The key is the
 * stream of a code, or the high byte of a miss. */
struct pairs {
    uint16_t *pair;
    size_t n;
};

static inline void put_pair(struct pairs *to, unsigned key, unsigned byte)
{
    to->pair[to->n++] = (uint16_t)(key << 8 | byte);
}

/* Write the length of the match and learn its symbols. Returns the length. */
static inline unsigned pack_match(struct shard_packer *p, const uint16_t *s, size_t left,
                                  uint32_t back, struct pairs *codes)
{
    unsigned n = 0, most = most_length(left, back);
    uint64_t from = p->at - back;

    while (n < most && p->history[(from + n) % HISTORY] == s[n])
        n++;
    put_pair(codes, p->trust, n);
    trust_more(p, n);
    for (unsigned i = 0; i < n; i++)
        learn_match(p, i, s[i]);
    return n;
}

static inline void pack_symbol(struct shard_packer *p, uint16_t symbol, bool after_match,
                               struct pairs *codes, struct pairs *misses)
{
    struct row1 *r1 = &p->row1[p->before & 0xFFFF];
    struct row2 *r2 = find_row2(p);
    unsigned i2 = find2(r2, symbol), i1 = find1(r1, symbol), code = CODE_MISS;

    if (i2 < ROW2)
        code = i2;
    else if (i1 < ROW1)
        code = ROW2 + i1;
    else
        put_pair(misses, symbol >> 8, symbol & 0xFF);
    put_pair(codes, code_stream(p, r1, r2, after_match), code);
    learn1(p, r1, i1, symbol);
    learn2(r2, i2, symbol);
    pass_symbol(p, symbol);
}

/* Fetch the rows of the symbols ahead. Memory is slow and the tables are large, but while
 * packing all symbols to come are known. */
static inline void fetch(const struct shard_packer *p, const uint16_t *s)
{
    uint64_t near = s[2] | (uint64_t)s[1] << 16 | (uint64_t)s[0] << 32,
             far = s[6] | (uint64_t)s[5] << 16 | (uint64_t)s[4] << 32;
    const char *row1 = (const char *)&p->row1[s[2]];

    for (size_t i = 0; i < sizeof(struct row1); i += 64)
        __builtin_prefetch(row1 + i);
    __builtin_prefetch(&p->row2[hash(near, 2) >> (64 - ROW2_BITS)]);
    __builtin_prefetch(find_place(p, far));
    __builtin_prefetch(&p->history[*find_place(p, near) % HISTORY]);
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

static void pack_all(struct shard_packer *p, const uint16_t *s, size_t n, struct pairs *codes,
                     struct pairs *misses)
{
    size_t fetched = 0;

    for (size_t i = 0; i < n;) {
        uint32_t back = swap_place(p);

        for (; fetched < i + AHEAD && fetched + 7 <= n; fetched++)
            fetch(p, s + fetched);
        if (back) {
            unsigned length = pack_match(p, s + i, n - i, back, codes);

            i += length;
            if (length == LENGTH_MAX || i == n)
                continue;
            if (length)
                (void)swap_place(p);
        }
        pack_symbol(p, s[i++], back, codes, misses);
    }
}

int shard_pack(struct shard_packer *p, const uint16_t *s, size_t n, struct buf *to,
               size_t end[PACK_PIECES])
{
    /* Each symbol has at most a length and a code, and it may be a miss. */
    struct pairs codes = {malloc(2 * n * sizeof *codes.pair + 1), 0},
                 misses = {malloc(n * sizeof *misses.pair + 1), 0};
    int rc = RF_ENOMEM;

    choose_pages(p, n);
    if (codes.pair && misses.pair) {
        pack_all(p, s, n, &codes, &misses);
        rc = put_pieces(to, &codes, &misses, end);
    }
    free(codes.pair);
    free(misses.pair);
    return rc;
}

enum { HIGH = PACK_STREAMS }; /* the stream of high bytes */

/* The rest of each stream. There is a stream of low bytes for each high byte. */
struct unpacking {
    const uint8_t *at[PACK_STREAMS + 1], *end[PACK_STREAMS + 1], *low[256];
};

static void cut_low(struct unpacking *u)
{
    size_t count[256] = {0};
    const uint8_t *low = u->end[HIGH];

    for (const uint8_t *h = u->at[HIGH]; h < u->end[HIGH]; h++)
        count[*h]++;
    for (int i = 0; i < 256; i++) {
        u->low[i] = low;
        low += count[i];
    }
}

static bool cut_streams(struct unpacking *u, const uint8_t *bytes, size_t n_bytes)
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
    u->at[HIGH] = p;
    u->end[HIGH] = p + rest / 2;
    cut_low(u);
    return rest % 2 == 0;
}

/* Returns the next byte of a stream, or -1. */
static inline int get(struct unpacking *u, unsigned stream)
{
    return u->at[stream] < u->end[stream] ? *u->at[stream]++ : -1;
}

static inline int unpack_match(struct shard_packer *p, struct unpacking *u, size_t left,
                               uint32_t back, uint16_t *s)
{
    int n = get(u, p->trust);
    uint64_t from = p->at - back;

    if (n < 0 || (unsigned)n > most_length(left, back))
        return -1;
    trust_more(p, (unsigned)n);
    for (unsigned i = 0; i < (unsigned)n; i++) {
        s[i] = p->history[(from + i) % HISTORY];
        learn_match(p, i, s[i]);
        fetch_next(p);
    }
    return n;
}

static inline bool unpack_symbol(struct shard_packer *p, struct unpacking *u, bool after_match,
                                 uint16_t *symbol)
{
    struct row1 *r1 = &p->row1[p->before & 0xFFFF];
    struct row2 *r2 = find_row2(p);
    int code = get(u, code_stream(p, r1, r2, after_match)), high;
    unsigned i1 = ROW1, i2 = ROW2;

    if (code >= 0 && code < ROW2) {
        i2 = (unsigned)code;
        *symbol = r2->next[i2];
        i1 = find1(r1, *symbol);
    } else if (code >= ROW2 && code < ROW2 + ROW1) {
        i1 = (unsigned)code - ROW2;
        *symbol = r1->next[i1];
    } else if (code == CODE_MISS && (high = get(u, HIGH)) >= 0) {
        *symbol = (uint16_t)(high << 8 | *u->low[high]++);
    } else {
        return false;
    }
    if (*symbol >= p->symbols)
        return false;
    learn1(p, r1, i1, *symbol);
    learn2(r2, i2, *symbol);
    pass_symbol(p, *symbol);
    fetch_next(p);
    return true;
}

int shard_unpack(struct shard_packer *p, uint16_t *s, size_t n, const uint8_t *bytes,
                 size_t n_bytes)
{
    struct unpacking u;

    if (!cut_streams(&u, bytes, n_bytes))
        return RF_EFORMAT;
    choose_pages(p, n);
    for (size_t i = 0; i < n;) {
        uint32_t back = swap_place(p);

        if (back) {
            int length = unpack_match(p, &u, n - i, back, s + i);

            if (length < 0)
                return RF_EFORMAT;
            i += (unsigned)length;
            if (length == LENGTH_MAX || i == n)
                continue;
            if (length)
                (void)swap_place(p);
        }
        if (!unpack_symbol(p, &u, back, &s[i++]))
            return RF_EFORMAT;
    }
    for (int i = 0; i <= HIGH; i++)
        if (u.at[i] != u.end[i])
            return RF_EFORMAT;
    return RF_OK;
}
