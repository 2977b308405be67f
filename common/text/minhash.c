/* minhash.c: signatures of documents, and an index over the bands of the signatures. */
#include "text/minhash.h"

#include <math.h>
#include <stdlib.h>

enum {
    BIN_BITS = 7, /* 2^7 = MINHASH_N */
    BLOCK = 4096, /* signatures that are allocated at once */
    /* Documents that share a band without being similar (a template around little text)
     * crowd one place of the index. It keeps at most this many of them, so that a search
     * stays short. */
    CROWD = 32,
    FIRST_SLOTS = 1 << 14,
};

/* --- signatures */

/* Give each empty bin the number of another bin, which is found by hashing the bin's index and
 * the number of the attempt. */
static void fill_empty(struct minhash *m, const bool *filled)
{
    for (uint64_t i = 0; i < MINHASH_N; i++) {
        uint64_t at = i;

        for (uint64_t attempt = 1; !filled[at]; attempt++)
            at = mix64(i << 32 | attempt) % MINHASH_N;
        m->least[i] = m->least[at];
    }
}

bool minhash_of(struct minhash *m, const uint32_t *cps, size_t n, size_t width)
{
    struct roll r = roll_start(width);
    bool filled[MINHASH_N] = {false};

    if (n < width)
        return false;
    for (size_t i = 0; i < MINHASH_N; i++)
        m->least[i] = UINT32_MAX;
    for (size_t i = 0; i < n; i++) {
        uint64_t hash = roll_on(&r, cps, i);
        size_t bin = hash >> (64 - BIN_BITS);

        if (i + 1 < width)
            continue;
        filled[bin] = true;
        if ((uint32_t)hash < m->least[bin])
            m->least[bin] = (uint32_t)hash;
    }
    fill_empty(m, filled);
    return true;
}

/* --- index */

/* The lowest byte of each number of a signature. */
struct brief {
    uint8_t low[MINHASH_N];
};

struct slot {
    uint32_t tag; /* the low bits of a band's hash */
    uint32_t at;  /* the number of the signature + 1; 0: the slot is free */
};

struct near_index {
    struct budget *budget;
    double threshold;
    size_t rows, bands;
    struct brief **blocks;
    size_t n, n_blocks;
    struct slot *slots;
    size_t used, size; /* size: a power of two */
    bool full;
};

/* How many numbers a band has: the most for which a pair at the threshold still shares at least
 * one band in more than 199 of 200 cases. */
static size_t choose_rows(double threshold)
{
    size_t rows = 1;

    while (rows < 32) {
        double bands = floor((double)MINHASH_N / (double)(rows + 1));

        if (pow(1 - pow(threshold, (double)(rows + 1)), bands) > 0.005)
            break;
        rows++;
    }
    return rows;
}

int near_new(struct near_index **out, double threshold, struct budget *budget)
{
    struct near_index *x = calloc(1, sizeof *x);

    if (!x)
        return RF_ENOMEM;
    x->budget = budget;
    x->threshold = threshold;
    x->rows = choose_rows(threshold);
    x->bands = MINHASH_N / x->rows;
    *out = x;
    return RF_OK;
}

void near_free(struct near_index *x)
{
    if (!x)
        return;
    for (size_t i = 0; i < x->n_blocks; i++)
        free(x->blocks[i]);
    free(x->blocks);
    free(x->slots);
    free(x);
}

static uint64_t band_hash(const struct near_index *x, const struct minhash *m, size_t band)
{
    uint64_t h = band + 1;

    for (size_t i = band * x->rows; i < (band + 1) * x->rows; i++)
        h = mix64(h ^ m->least[i]) + band;
    return h;
}

/* True if the estimate of the similarity reaches the threshold. Two different numbers have the
 * same lowest byte once in 256 times; the estimate is corrected for that. */
static bool is_alike(const struct near_index *x, const struct minhash *m, size_t at)
{
    const struct brief *b = &x->blocks[at / BLOCK][at % BLOCK];
    unsigned same = 0;

    for (size_t i = 0; i < MINHASH_N; i++)
        same += (uint8_t)m->least[i] == b->low[i];
    return ((double)same / MINHASH_N - 1 / 256.0) / (1 - 1 / 256.0) >= x->threshold;
}

bool near_has(const struct near_index *x, const struct minhash *m)
{
    for (size_t band = 0; x->size && band < x->bands; band++) {
        uint32_t tag = (uint32_t)band_hash(x, m, band);

        for (size_t at = tag & (x->size - 1); x->slots[at].at; at = (at + 1) & (x->size - 1))
            if (x->slots[at].tag == tag && is_alike(x, m, x->slots[at].at - 1))
                return true;
    }
    return false;
}

static void put_band(struct near_index *x, uint32_t tag, uint32_t number)
{
    size_t at = tag & (x->size - 1);
    unsigned crowd = 0;

    for (; x->slots[at].at; at = (at + 1) & (x->size - 1))
        crowd += x->slots[at].tag == tag;
    if (crowd >= CROWD)
        return;
    x->slots[at] = (struct slot){tag, number};
    x->used++;
}

/* Make room for the bands of one more signature. At most three quarters of the
 * slots are used. */
static bool grow_slots(struct near_index *x)
{
    size_t old_size = x->size, size = old_size ? 2 * old_size : FIRST_SLOTS;
    struct slot *old = x->slots, *slots;

    if (x->used + x->bands <= old_size / 4 * 3)
        return true;
    if (!budget_take(x->budget, (uint64_t)size * sizeof *slots))
        return false;
    if (!(slots = calloc(size, sizeof *slots))) {
        x->budget->used -= (uint64_t)size * sizeof *slots;
        return false;
    }
    x->slots = slots;
    x->size = size;
    x->used = 0;
    for (size_t i = 0; i < old_size; i++)
        if (old[i].at)
            put_band(x, old[i].tag, old[i].at);
    x->budget->used -= (uint64_t)old_size * sizeof *old;
    free(old);
    return true;
}

static bool grow_blocks(struct near_index *x)
{
    struct brief **blocks;

    if (x->n < x->n_blocks * BLOCK)
        return true;
    if (x->n + BLOCK > UINT32_MAX || !budget_take(x->budget, BLOCK * sizeof **x->blocks))
        return false;
    if (!(blocks = realloc(x->blocks, (x->n_blocks + 1) * sizeof(struct brief *))))
        return false;
    x->blocks = blocks;
    if (!(blocks[x->n_blocks] = malloc(BLOCK * sizeof **blocks)))
        return false;
    x->n_blocks++;
    return true;
}

bool near_add(struct near_index *x, const struct minhash *m)
{
    struct brief *b;

    if (x->full || !grow_slots(x) || !grow_blocks(x)) {
        x->full = true;
        return false;
    }
    b = &x->blocks[x->n / BLOCK][x->n % BLOCK];
    for (size_t i = 0; i < MINHASH_N; i++)
        b->low[i] = (uint8_t)m->least[i];
    x->n++;
    for (size_t band = 0; band < x->bands; band++)
        put_band(x, (uint32_t)band_hash(x, m, band), (uint32_t)x->n);
    return true;
}
