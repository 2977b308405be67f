/*
 * shard_pack_body.h: what packing and unpacking do for each symbol, for one instruction set;
 * LOOPS is the name to export.
 *
 * While packing all symbols are known, and of the three things that are learned each depends
 * on the symbols alone and not on the others. So a batch of symbols goes through one loop for
 * each: the places, the matches, the long rows, the short rows. Every loop has one table, whose
 * rows it fetches ahead, as memory is slow, and it does not branch on what it finds, as that
 * cannot be foreseen.
 */
#include <string.h>
#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "shard/shard_packer.h"

enum {
    BATCH = 4096,     /* symbols: what is known of them stays in the nearest cache */
    AHEAD_PLACE = 48, /* how many symbols ahead memory is asked for what */
    AHEAD_ROW1 = 24,
    AHEAD_ROW2 = 48,
    BEFORE = 3, /* symbols before a batch that its first one is predicted from */
};

/* What is known of a batch. Learned are the symbols that no match gave, and the first of each
 * match; they go into the rows. */
struct batch {
    uint16_t s[BEFORE + BATCH];
    uint32_t back[BATCH]; /* how far back the same three symbols last stood; 0: not known */
    size_t n, n_learned;
    uint16_t learned[BATCH]; /* which symbols are learned, ascending, */
    uint8_t how[BATCH];      /* and how, */
    uint8_t index1[BATCH];   /* their index in a long row before, */
    uint8_t known[BATCH];    /* and how many symbols the row had; for ROW1 there is room */
};

enum { CODED = 0, AFTER_MATCH = 1, BEGINS_MATCH = 2 };

static inline uint64_t hash1(uint64_t a)
{
    return a * 0x9E3779B97F4A7C15u;
}

static inline uint64_t hash2(uint64_t a, uint64_t b)
{
    return hash1(a | b << 16);
}

static inline uint64_t hash3(uint64_t a, uint64_t b, uint64_t c)
{
    return hash1(a | b << 16 | c << 32);
}

/* Returns a cache line of 16 places. It depends only on the hash of the two symbols before the
 * last one, so it can be fetched before the last one is known. */
static inline uint32_t *find_line(const struct shard_packer *p, uint64_t hbc)
{
    return &p->place[hbc >> (64 - PLACE_BITS + 4) << 4];
}

static inline uint64_t *find_row2(const struct shard_packer *p, uint64_t h)
{
    return &p->row2[h >> (64 - ROW2_BITS)];
}

/* Returns how far back the three symbols with the hash habc, of which a is the last one, last
 * stood before symbol number `at`, 0 if this is not known. From now on they are known to stand
 * here. */
static inline uint32_t swap_place(uint32_t *line, uint64_t at, uint64_t a, uint64_t habc)
{
    uint32_t *place = line + (hash1(a) >> 60), was = *place;
    uint32_t tag = (uint32_t)(habc >> 20) << TAG_SHIFT, here = (uint32_t)(at % HISTORY);
    uint32_t back = (here - was) % HISTORY;

    *place = here | tag;
    return (was ^ tag) >> TAG_SHIFT == 0 && back <= at ? back : 0;
}

static inline unsigned most_length(size_t left, uint32_t back)
{
    size_t most = left < LENGTH_MAX ? left : LENGTH_MAX;

    return (unsigned)(back < most ? back : most);
}

static inline unsigned trust_more(unsigned trust, unsigned length)
{
    static const uint8_t gain[8] = {0, 1, 2, 2, 3, 3, 3, 3};

    return trust / 2 + (length < 8 ? gain[length] : 4);
}

/* Returns the index of the first of the bits lo and hi, ROW1 if none is set. */
static inline unsigned first_bit(uint64_t lo, uint64_t hi)
{
    unsigned in_hi = hi ? (unsigned)__builtin_ctzll(hi) : 64;

    return lo ? (unsigned)__builtin_ctzll(lo) : 64 + in_hi;
}

/* find1 returns the index of the first of a symbol in a long row, ROW1 if it is not there.
 * move1 moves the symbol from there to the front; one that is new pushes the last one out. */
#if defined(__AVX512BW__)
static inline unsigned find1(const struct row1 *r, uint16_t symbol)
{
    __m512i s = _mm512_set1_epi16((short)symbol);
    uint64_t equal[4];

    for (int i = 0; i < 4; i++)
        equal[i] = _mm512_cmpeq_epi16_mask(s, _mm512_loadu_si512(r->next + 32 * i));
    return first_bit(equal[0] | equal[1] << 32, equal[2] | equal[3] << 32);
}

static inline void move1(struct row1 *r, unsigned i1, uint16_t symbol)
{
    const __m512i rotate =
        _mm512_set_epi16(30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13,
                         12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 31);
    uint64_t lo = _bzhi_u64(UINT64_MAX, i1 + 1), /* the places that get another symbol */
        hi = _bzhi_u64(UINT64_MAX, i1 < 64 ? 0 : i1 - 63);
    __m512i v;

    for (int i = 3; i > 0; i--) {
        __mmask32 here = (__mmask32)((i < 2 ? lo : hi) >> 32 * (i % 2));

        v = _mm512_loadu_si512(r->next + 32 * i);
        v = _mm512_mask_loadu_epi16(v, here, r->next + 32 * i - 1);
        _mm512_storeu_si512(r->next + 32 * i, v);
    }
    v = _mm512_loadu_si512(r->next);
    v = _mm512_mask_permutexvar_epi16(v, (__mmask32)lo, rotate, v);
    _mm512_storeu_si512(r->next, _mm512_mask_set1_epi16(v, 1, (short)symbol));
}
#elif defined(__AVX2__)
static inline uint64_t equal32(const uint16_t *p, __m256i s)
{
    __m256i v = _mm256_loadu_si256((const __m256i_u *)p),
            w = _mm256_loadu_si256((const __m256i_u *)(p + 16)),
            both = _mm256_packs_epi16(_mm256_cmpeq_epi16(v, s), _mm256_cmpeq_epi16(w, s));

    return (uint32_t)_mm256_movemask_epi8(_mm256_permute4x64_epi64(both, 0xD8));
}

static inline unsigned find1(const struct row1 *r, uint16_t symbol)
{
    __m256i s = _mm256_set1_epi16((short)symbol);

    return first_bit(equal32(r->next, s) | equal32(r->next + 32, s) << 32,
                     equal32(r->next + 64, s) | equal32(r->next + 96, s) << 32);
}

static inline void move1(struct row1 *r, unsigned i1, uint16_t symbol)
{
    const __m256i sixteen = _mm256_set1_epi16(16);
    __m256i last = _mm256_set1_epi16((short)symbol), at = _mm256_set1_epi16((short)i1),
            number = _mm256_set_epi16(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);

    for (int i = 0; i < 8; i++) {
        __m256i v = _mm256_loadu_si256((const __m256i_u *)(r->next + 16 * i)),
                turned = _mm256_alignr_epi8(v, _mm256_permute2x128_si256(last, v, 0x21), 14),
                stays = _mm256_cmpgt_epi16(number, at);

        _mm256_storeu_si256((__m256i_u *)(r->next + 16 * i),
                            _mm256_blendv_epi8(turned, v, stays));
        last = v;
        number = _mm256_add_epi16(number, sixteen);
    }
}
#else
static inline unsigned find1(const struct row1 *r, uint16_t symbol)
{
    int16_t best = 0;

    for (int i = 0; i < ROW1; i++) { /* without a branch, so compilers can use vectors */
        int16_t here = r->next[i] == symbol ? (int16_t)(i - ROW1) : 0;

        best = here < best ? here : best;
    }
    return (unsigned)(best + ROW1);
}

static inline void move1(struct row1 *r, unsigned i1, uint16_t symbol)
{
    memmove(r->next + 1, r->next, (i1 < ROW1 ? i1 : ROW1 - 1) * sizeof *r->next);
    r->next[0] = symbol;
}
#endif

/* Learn a symbol, which is at index i1, in the long row behind symbol a. */
static inline void learn1(const struct shard_packer *p, size_t a, unsigned i1, uint16_t symbol)
{
    uint8_t *known = &p->known1[a];

    move1(&p->row1[a], i1, symbol);
    *known = (uint8_t)(*known + (i1 == ROW1 && *known < ROW1));
}

static inline void fetch_row1(const struct shard_packer *p, size_t a)
{
    const char *row = (const char *)&p->row1[a];

    for (size_t i = 0; i < sizeof(struct row1); i += 64)
        __builtin_prefetch(row + i, 1);
}

/* All bits set, or none. */
static inline uint64_t mask(bool set)
{
    return (uint64_t)0 - set;
}

/* Returns the row as it is in use: empty if its tag is not that of the hash. */
static inline uint64_t open_row2(uint64_t row, uint64_t h)
{
    uint64_t tag = h >> 20 & 0xFFFF;

    return (row & mask((row & 0xFFFF) == tag)) | tag;
}

static inline unsigned filled2(uint64_t row)
{
    return ((row >> 16 & 0xFFFF) != 0) + ((row >> 32 & 0xFFFF) != 0) + (row >> 48 != 0);
}

/* Returns the index of a symbol in a short row, ROW2 if it is not there. */
static inline unsigned find2(uint64_t row, uint64_t symbol)
{
    unsigned not0 = (row >> 16 & 0xFFFF) != symbol, not1 = (row >> 32 & 0xFFFF) != symbol,
             not2 = row >> 48 != symbol;

    return not0 + (not0 & not1) + (not0 & not1 & not2);
}

/* Returns a row with the symbol, which was at index i2, at its front. What stood before it
 * moves back, what stood behind it stays. */
static inline uint64_t learn2(uint64_t row, unsigned i2, uint64_t symbol)
{
    uint64_t behind = mask(i2 == 0) << 32 | mask(i2 <= 1) << 48;

    return (row & (behind | 0xFFFF)) | (row << 16 & ~behind & ~(uint64_t)0xFFFFFFFF) |
           symbol << 16;
}

/* Returns the stream for a code. It depends on whether a match came before and on how many
 * symbols the rows have, so that the codes in a stream are alike. */
static inline unsigned code_stream(bool after_match, unsigned in_row2, unsigned known)
{
    return PACK_LENGTH_STREAMS + (after_match * 4u + in_row2) * 5 + (known >= 4) +
           (known >= 16) + (known >= 48) + (known >= ROW1);
}

/* --- packing */

static inline void put_pair(struct pairs *to, unsigned key, unsigned byte)
{
    to->pair[to->n++] = (uint16_t)(key << 8 | byte);
}

/* Look up the places of all symbols of a batch. */
static void look_up_places(const struct shard_packer *p, struct batch *b, uint64_t at)
{
    const uint16_t *s = b->s + BEFORE;

    for (size_t i = 0; i < b->n; i++) {
        if (i + AHEAD_PLACE < b->n) {
            const uint16_t *far = s + i + AHEAD_PLACE;

            __builtin_prefetch(find_line(p, hash2(far[-2], far[-3])), 1);
        }
        b->back[i] = swap_place(find_line(p, hash2(s[i - 2], s[i - 3])), at + i, s[i - 1],
                                hash3(s[i - 1], s[i - 2], s[i - 3]));
        __builtin_prefetch(&p->history[(at + i - b->back[i]) % HISTORY]);
    }
}

/* A place in a frame, s[n], on the way through it. */
struct parse {
    const uint16_t *s;
    size_t n, i;
    bool after_match; /* a match ended before symbol i, which has no other */
};

/* Write the length of the match with what stands `back` symbols before. Returns it. */
static inline unsigned pack_match(struct shard_packer *p, const struct parse *at, uint32_t back,
                                  struct pairs *codes)
{
    const uint16_t *s = at->s + at->i;
    unsigned n = 0, most = most_length(at->n - at->i, back);
    uint64_t from = p->at - back;

    while (n < most && p->history[(from + n) % HISTORY] == s[n]) {
        p->history[(p->at + n) % HISTORY] = s[n];
        n++;
    }
    put_pair(codes, p->trust, n);
    p->trust = trust_more(p->trust, n);
    p->at += n;
    return n;
}

static inline void learn(struct batch *b, size_t i, unsigned how)
{
    b->learned[b->n_learned] = (uint16_t)i;
    b->how[b->n_learned++] = (uint8_t)how;
}

/* Follow the matches up to the end of a batch, which begins at symbol `start`, or beyond it if
 * the last match does. */
static void pack_matches(struct shard_packer *p, struct batch *b, size_t start,
                         struct parse *at, struct pairs *codes)
{
    size_t end = start + b->n;

    b->n_learned = 0;
    while (at->i < end) {
        uint32_t back = at->after_match ? 0 : b->back[at->i - start];

        if (back) {
            unsigned n = pack_match(p, at, back, codes);

            if (n)
                learn(b, at->i - start, BEGINS_MATCH);
            at->i += n;
            at->after_match = n < LENGTH_MAX && at->i < at->n;
            if (n)
                continue;
        }
        learn(b, at->i - start, at->after_match ? AFTER_MATCH : CODED);
        at->after_match = false;
        p->history[p->at++ % HISTORY] = at->s[at->i++];
    }
}

static void learn_rows1(const struct shard_packer *p, struct batch *b)
{
    for (size_t k = 0; k < b->n_learned; k++) {
        const uint16_t *s = b->s + BEFORE + b->learned[k];
        unsigned i1;

        if (k + AHEAD_ROW1 < b->n_learned)
            fetch_row1(p, b->s[BEFORE + b->learned[k + AHEAD_ROW1] - 1]);
        i1 = find1(&p->row1[s[-1]], s[0]);
        b->index1[k] = (uint8_t)i1;
        b->known[k] = p->known1[s[-1]];
        learn1(p, s[-1], i1, s[0]);
    }
}

/* Learn in the short rows, and write the codes. */
static void learn_rows2(const struct shard_packer *p, const struct batch *b,
                        struct pairs *codes, struct pairs *misses)
{
    for (size_t k = 0; k < b->n_learned; k++) {
        const uint16_t *s = b->s + BEFORE + b->learned[k];
        uint64_t h = hash2(s[-1], s[-2]), *place = find_row2(p, h), row = open_row2(*place, h);
        unsigned i2 = find2(row, s[0]), i1 = b->index1[k], how = b->how[k],
                 code = i1 < ROW1 ? ROW2 + i1 : CODE_MISS,
                 stream = code_stream(how, filled2(row), b->known[k]);

        if (k + AHEAD_ROW2 < b->n_learned) {
            const uint16_t *far = b->s + BEFORE + b->learned[k + AHEAD_ROW2];

            __builtin_prefetch(find_row2(p, hash2(far[-1], far[-2])), 1);
        }
        *place = learn2(row, i2, s[0]);
        code = i2 < ROW2 ? i2 : code;
        codes->pair[codes->n] = (uint16_t)(stream << 8 | code);
        codes->n += how != BEGINS_MATCH;
        misses->pair[misses->n] = s[0];
        misses->n += how != BEGINS_MATCH && code == CODE_MISS;
    }
}

static void pack_all(struct shard_packer *p, const uint16_t *s, size_t n, struct pairs *codes,
                     struct pairs *misses)
{
    struct parse at = {s, n, 0, false};
    struct batch b;

    for (int i = 0; i < BEFORE; i++)
        b.s[BEFORE - 1 - i] = (uint16_t)(p->before >> 16 * i);
    for (size_t start = 0; start < n; start += b.n) {
        uint64_t first = p->at - (at.i - start); /* the number of symbol `start` */

        b.n = n - start < BATCH ? n - start : BATCH;
        memcpy(b.s + BEFORE, s + start, b.n * sizeof *s);
        look_up_places(p, &b, first);
        pack_matches(p, &b, start, &at, codes);
        learn_rows1(p, &b);
        learn_rows2(p, &b, codes, misses);
        memmove(b.s, b.s + b.n, BEFORE * sizeof *b.s);
    }
    p->before = (uint64_t)b.s[0] << 32 | (uint64_t)b.s[1] << 16 | b.s[2];
}

/* --- unpacking: only the symbols so far are known, so it goes through all loops at once */

/* Where unpacking is. */
struct unpack {
    struct shard_packer *p;
    struct unpacking *u;
    uint64_t at;       /* number of symbols so far */
    uint64_t a, b, c;  /* the last three, the last one first */
    uint64_t hab, hbc; /* hashes of them */
    unsigned trust;
};

/* Make a number be what it is only if a branch was taken: a compiler may not turn the branch
 * into a selection, which would wait for the slow operand where the branch is foreseen. */
#define ONLY_HERE(x) __asm__ volatile("" : "+r"(x))

/* Where and what is guessed of the number of symbols in the short row of a hash. */
static inline uint8_t *find_guess(const struct shard_packer *p, uint64_t h)
{
    return &p->guess[h >> (64 - GUESS_BITS)];
}

static inline unsigned guess2(const uint8_t *guess, uint64_t h)
{
    return (*guess ^ (h >> 36 & 0xFC)) < 4 ? *guess & 3 : 0;
}

/* Remember that the row has so many symbols, and a new one. */
static inline void note2(uint8_t *guess, uint64_t h, unsigned in_row2)
{
    *guess = (uint8_t)((h >> 36 & 0xFC) | (in_row2 + (in_row2 < ROW2)));
}

/* Go behind a symbol, and fetch what the next ones need. */
static inline void pass_symbol(struct unpack *x, uint16_t symbol)
{
    x->p->history[x->at++ % HISTORY] = symbol;
    x->c = x->b;
    x->b = x->a;
    x->a = symbol;
    x->hbc = x->hab;
    x->hab = hash2(x->a, x->b);
    __builtin_prefetch(find_row2(x->p, x->hab), 1);
    __builtin_prefetch(find_line(x->p, x->hab), 1);
}

static inline uint32_t look_here(const struct unpack *x)
{
    return swap_place(find_line(x->p, x->hbc), x->at, x->a, hash3(x->a, x->b, x->c));
}

/* Learn the first symbol of a match. */
static inline void learn_here(const struct unpack *x, uint16_t symbol)
{
    uint64_t *place = find_row2(x->p, x->hab), row = open_row2(*place, x->hab);
    unsigned i2 = find2(row, symbol);

    *place = learn2(row, i2, symbol);
    if (i2 == ROW2)
        note2(find_guess(x->p, x->hab), x->hab, filled2(row));
    learn1(x->p, x->a, find1(&x->p->row1[x->a], symbol), symbol);
}

/* Returns the length of a match, -1 if it cannot be. */
static inline int unpack_match(struct unpack *x, uint16_t *s, size_t left, uint32_t back)
{
    struct unpacking *u = x->u;
    uint64_t from = x->at - back;
    unsigned n;

    if (u->at[x->trust] == u->end[x->trust])
        return -1;
    n = *u->at[x->trust]++;
    if (n > most_length(left, back))
        return -1;
    x->trust = trust_more(x->trust, n);
    for (unsigned i = 0; i < n; i++) {
        s[i] = x->p->history[(from + i) % HISTORY];
        if (i == 0)
            learn_here(x, s[i]);
        else
            (void)look_here(x);
        pass_symbol(x, s[i]);
    }
    return (int)n;
}

/* Unpack a symbol that is in the long row or missed. Which of the two is not branched on, as it
 * would be foreseen wrongly too often. False: it cannot be. */
static inline bool unpack_long(struct unpack *x, unsigned code, uint32_t *symbol)
{
    struct unpacking *u = x->u;
    unsigned i1 = code - ROW2 < ROW1 ? code - ROW2 : ROW1;
    bool missed = code == CODE_MISS;

    if ((missed & (u->miss == u->end_miss)) | ((i1 == ROW1) & !missed))
        return false;
    *symbol = (uint32_t)((mask(missed) & *u->miss) |
                         (~mask(missed) & x->p->row1[x->a].next[i1 % ROW1]));
    u->miss += missed;
    if (*symbol >= x->p->symbols)
        return false;
    fetch_row1(x->p, *symbol);
    learn1(x->p, x->a, i1, (uint16_t)*symbol);
    return true;
}

/* The short row comes late out of slow memory. What it says about the stream was guessed, and
 * unless it gives the symbol, the next symbols go on with that meanwhile. */
static inline bool unpack_symbol(struct unpack *x, bool after_match, uint16_t *s)
{
    struct unpacking *u = x->u;
    uint64_t h = x->hab, *place = find_row2(x->p, h), row = open_row2(*place, h);
    uint8_t *guess = find_guess(x->p, h);
    unsigned in_row2 = guess2(guess, h), stream, code;
    uint32_t symbol;

    if (__builtin_expect(in_row2 != filled2(row), 0)) {
        in_row2 = filled2(row);
        ONLY_HERE(in_row2);
    }
    stream = code_stream(after_match, in_row2, x->p->known1[x->a]);
    if (u->at[stream] == u->end[stream])
        return false;
    code = *u->at[stream]++;
    if (code < ROW2) {
        symbol = row >> 16 * (code + 1) & 0xFFFF;
        ONLY_HERE(symbol);
        *place = learn2(row, code, symbol);
        learn1(x->p, x->a, find1(&x->p->row1[x->a], (uint16_t)symbol), (uint16_t)symbol);
    } else {
        if (!unpack_long(x, code, &symbol))
            return false;
        *place = learn2(row, ROW2, symbol);
        note2(guess, h, in_row2);
    }
    *s = (uint16_t)symbol;
    pass_symbol(x, *s);
    return true;
}

static int unpack_some(struct unpack *x, uint16_t *s, size_t n)
{
    for (size_t i = 0; i < n;) {
        uint32_t back = look_here(x);

        if (back) {
            int length = unpack_match(x, s + i, n - i, back);

            if (length < 0)
                return RF_EFORMAT;
            i += (unsigned)length;
            if (length == LENGTH_MAX || i == n)
                continue;
            if (length)
                (void)look_here(x);
        }
        if (!unpack_symbol(x, back, &s[i++]))
            return RF_EFORMAT;
    }
    return RF_OK;
}

static int unpack_all(struct shard_packer *p, struct unpacking *u, uint16_t *s, size_t n)
{
    struct unpack x = {.p = p,
                       .u = u,
                       .at = p->at,
                       .a = p->before & 0xFFFF,
                       .b = p->before >> 16 & 0xFFFF,
                       .c = p->before >> 32 & 0xFFFF,
                       .trust = p->trust};
    int rc;

    x.hab = hash2(x.a, x.b);
    x.hbc = hash2(x.b, x.c);
    rc = unpack_some(&x, s, n);
    p->at = x.at;
    p->before = x.a | x.b << 16 | x.c << 32;
    p->trust = x.trust;
    return rc;
}

const struct pack_loops LOOPS = {.name = LOOPS_NAME, .pack = pack_all, .unpack = unpack_all};
