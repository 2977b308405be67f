/* cpu_gemm.c: matrix products of NN_CPU: packs the operands and shares tiles of c out. */
#include <assert.h>
#include <omp.h>
#include <stdlib.h>

#include "nn/cut.h"

/*
 * Each element of c is a sum over blocks of k, in order, each block one chain of multiply-adds
 * in order; blocks are cut by k alone. So how c is shared out changes no bit, and it may depend
 * on the number of threads.
 *
 * The operand with fewer lanes is packed whole (in strips of k, where it is long) by all
 * threads. The other one is packed in pieces, by the thread that multiplies the piece with all
 * of the first: it is read once, and its packed form never leaves the thread's cache. Of a b
 * that stays as it is the packed form stays too, as long as there is room.
 */
enum {
    SERIAL = 1 << 18, /* multiply-adds below which a second thread costs more than it gives */
    PIECE_WORDS = 120000, /* of a packed piece: half of a 1 MB cache */
    STRIP_WORDS = 1 << 21,
    SHARES = 4 /* pieces that a thread should find: none waits long for the last */
};

struct operand {
    const float *x;
    size_t ld, lanes, width;
    bool runs; /* a lane is a row of x */
    void (*pack)(void *to, const float *x, size_t ld, bool runs, size_t lanes, size_t after,
                 size_t depth);
};

struct product {
    const struct gemm_kernels *g;
    struct operand whole, piece;
    bool pieces_of_a;
    size_t k, depth, strip; /* numbers of k in a block, blocks in a strip */
    size_t pieces;
    float *packed, *room; /* a strip of what is packed whole; a piece for each thread */
    bool is_packed;       /* by an earlier product */
    float *c;
    size_t n;
    bool add;
};

static size_t tiles(const struct operand *o)
{
    return parts(o->lanes, o->width);
}

/* Lanes from tile `from` to tile `to`, numbers k to k + depth. */
static void pack_tiles(const struct operand *o, void *to, size_t from, size_t until, size_t k,
                       size_t depth)
{
    size_t lane = from * o->width, end = smaller(until * o->width, o->lanes);

    o->pack(to, o->x + (o->runs ? lane * o->ld + k : k * o->ld + lane), o->ld, o->runs,
            end - lane, o->lanes - end, depth);
}

/* 4-byte words of a block of the operand that is packed whole. */
static size_t whole_block(const struct product *p)
{
    return tiles(&p->whole) * gemm_tile_words(p->g, p->whole.width, p->depth);
}

static size_t piece_words(const struct product *p)
{
    return parts(tiles(&p->piece), p->pieces) * gemm_tile_words(p->g, p->piece.width, p->depth);
}

/* Work-sharing, within a parallel region. */
static void pack_strip(const struct product *p, float *whole, size_t k0)
{
    enum { TILES = 8 };
    size_t groups = parts(tiles(&p->whole), TILES);
    size_t blocks = smaller(p->strip, parts(p->k - k0, p->depth));

#pragma omp for schedule(dynamic)
    for (size_t i = 0; i < groups * blocks; i++) {
        size_t from = i % groups * TILES, k = k0 + i / groups * p->depth;
        size_t depth = smaller(p->depth, p->k - k);

        pack_tiles(&p->whole,
                   whole + i / groups * whole_block(p) +
                       from * gemm_tile_words(p->g, p->whole.width, depth),
                   from, smaller(from + TILES, tiles(&p->whole)), k, depth);
    }
}

static void multiply_piece(const struct product *p, const float *whole, float *piece,
                           size_t number, size_t k0)
{
    size_t count = tiles(&p->piece), from = number * count / p->pieces;
    size_t until = (number + 1) * count / p->pieces, lane = from * p->piece.width;
    size_t lanes = smaller(until * p->piece.width, p->piece.lanes) - lane;
    size_t end = smaller(p->k, k0 + p->strip * p->depth);

    for (size_t k = k0; k < end; k += p->depth, whole += whole_block(p)) {
        size_t depth = smaller(p->depth, p->k - k);

        pack_tiles(&p->piece, piece, from, until, k, depth);
        if (p->pieces_of_a)
            p->g->multiply(p->c + lane * p->n, p->n, lanes, p->n, depth, piece, whole,
                           p->add || k);
        else
            p->g->multiply(p->c + lane, p->n, p->whole.lanes, lanes, depth, whole, piece,
                           p->add || k);
    }
}

/* --- steady operands */

void cpu_steady(struct nn *nn, const float *w, size_t n)
{
    struct steady *s = &((struct host *)nn)->steady;

    s->w = w;
    s->n = n;
    s->operands = s->used = 0;
}

/* Where the packed form of what is packed whole is kept, NULL: nowhere; *is_packed: whether it
 * is there already. */
static float *keep(struct steady *s, const struct product *p, bool *is_packed)
{
    const struct operand *o = &p->whole;
    size_t words = parts(p->k, p->depth) * whole_block(p);
    struct steady_operand *e = s->operand;

    if (!s->n || o->x < s->w || o->x >= s->w + s->n)
        return NULL;
    for (; e < s->operand + s->operands; e++)
        if (e->x == o->x && e->ld == o->ld && e->lanes == o->lanes && e->k == p->k &&
            e->runs == o->runs) {
            *is_packed = true;
            return s->room + e->at;
        }
    if (s->operands == STEADY_OPERANDS || words > NN_STEADY_BYTES / sizeof(float) - s->used ||
        (!s->room && !(s->room = aligned_alloc(64, NN_STEADY_BYTES))))
        return NULL;
    *e = (struct steady_operand){o->x, o->ld, o->lanes, p->k, o->runs, s->used};
    s->operands++;
    s->used += words;
    return s->room + e->at;
}

/* --- a product */

static void plan_pieces(struct product *p, int threads)
{
    size_t most, count = tiles(&p->piece);

    most = PIECE_WORDS / gemm_tile_words(p->g, p->piece.width, p->depth);
    most = most ? most : 1;
    p->pieces = parts(count, most);
    if (p->pieces < (size_t)threads * SHARES)
        p->pieces = (size_t)threads * SHARES;
    p->pieces = smaller(parts(p->pieces, (size_t)threads) * (size_t)threads, count);
}

/* What is packed whole, and how it is cut; room for the packed forms. False: no memory. */
static bool plan(struct host *h, struct product *p, const struct operand *rows,
                 const struct operand *columns, int threads)
{
    size_t strip, words = 0;

    /* whole steps, so that numbers of k that are multiplied together never lie in two */
    p->depth = parts(parts(p->k, parts(p->k, p->g->depth)), p->g->step) * p->g->step;
    p->whole = *columns;
    p->packed = keep(&h->steady, p, &p->is_packed);
    p->pieces_of_a = p->packed || rows->lanes >= columns->lanes;
    if (!p->pieces_of_a)
        p->whole = *rows;
    p->piece = p->pieces_of_a ? *rows : *columns;
    plan_pieces(p, threads);
    strip = p->packed ? SIZE_MAX : STRIP_WORDS / whole_block(p);
    p->strip = smaller(strip ? strip : 1, parts(p->k, p->depth));
    if (!p->packed)
        words = p->strip * whole_block(p);
    p->room = host_packed(&h->nn, (words + (size_t)threads * piece_words(p)) * sizeof *p->room);
    if (!p->room)
        return false;
    if (!p->packed) {
        p->packed = p->room;
        p->room += words;
    }
    return true;
}

void cpu_gemm(struct nn *nn, size_t m, size_t n, size_t k, const float *a, bool ta,
              const float *b, bool tb, float beta, float *c)
{
    struct host *h = (struct host *)nn;
    const struct gemm_kernels *g = h->gemm;
    const struct operand rows = {a, ta ? m : k, m, g->rows, !ta, g->pack_rows};
    const struct operand columns = {b, tb ? k : n, n, g->columns, tb, g->pack_columns};
    struct product p = {.g = g, .k = k, .c = c, .n = n, .add = beta != 0};
    int threads = m * n * k > SERIAL ? nn->threads : 1;

    if (h->engine) {
        dnn_gemm(nn, m, n, k, a, ta, b, tb, beta, c);
        return;
    }
    assert(k > 0);
    if (nn->failed || m == 0 || n == 0 || !plan(h, &p, &rows, &columns, threads))
        return;
#pragma omp parallel num_threads(threads) if (threads > 1)
    {
        float *piece = p.room + (size_t)omp_get_thread_num() * piece_words(&p);

        for (size_t k0 = 0; k0 < k; k0 += p.strip * p.depth) {
            if (!p.is_packed)
                pack_strip(&p, p.packed, k0);
#pragma omp for schedule(dynamic)
            for (size_t i = 0; i < p.pieces; i++)
                multiply_piece(&p, p.packed, piece, i, k0);
        }
    }
}
