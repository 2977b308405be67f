/* cpu_gemm.c: matrix products of NN_CPU: packs the operands and shares tiles of c out. */
#include <assert.h>
#include <omp.h>

#include "cpu/blocks.h"

/*
 * Each element of c is a sum over blocks of k, in order, each block one chain of multiply-adds
 * in order; blocks are cut by k alone. So how c is shared out changes no bit, and it may depend
 * on the number of threads.
 *
 * The operand with fewer lanes is packed whole (in strips of k, where it is long) by all
 * threads. The other one is packed in pieces, by the thread that multiplies the piece with all
 * of the first: it is read once, and its packed form never leaves the thread's cache.
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

static void plan(struct product *p, int threads)
{
    size_t most, count = tiles(&p->piece);

    /* whole steps, so that numbers of k that are multiplied together never lie in two */
    p->depth = parts(parts(p->k, parts(p->k, p->g->depth)), p->g->step) * p->g->step;
    most = PIECE_WORDS / gemm_tile_words(p->g, p->piece.width, p->depth);
    most = most ? most : 1;
    p->pieces = parts(count, most);
    if (p->pieces < (size_t)threads * SHARES)
        p->pieces = (size_t)threads * SHARES;
    p->pieces = smaller(parts(p->pieces, (size_t)threads) * (size_t)threads, count);
    p->strip = STRIP_WORDS / whole_block(p);
    p->strip = smaller(p->strip ? p->strip : 1, parts(p->k, p->depth));
}

/* Rows up to so many leave b as it lies: it is read once, which takes longer than to multiply.
 */
enum { FEW_ROWS = 32 };

/* c[m,n] = a b', m small. Blocks of k are those of plan(), so that the bits are too. */
static void few_rows(struct nn *nn, const struct product *p, int threads)
{
    const struct operand *a = &p->whole, *b = &p->piece;
    size_t m = a->lanes, blocks = parts(p->k, p->depth), block = whole_block(p);
    float *packed = host_packed(nn, blocks * block * sizeof *packed);

    if (!packed)
        return;
    for (size_t i = 0; i < blocks; i++)
        pack_tiles(a, packed + i * block, 0, tiles(a), i * p->depth,
                   smaller(p->depth, p->k - i * p->depth));
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(static)
    for (size_t j = 0; j < p->n; j += b->width)
        for (size_t i = 0; i < blocks; i++) {
            size_t k = i * p->depth;

            p->g->multiply_few(p->c + j, p->n, m, smaller(b->width, p->n - j),
                               smaller(p->depth, p->k - k), packed + i * block,
                               b->x + j * b->ld + k, b->ld, p->add || k);
        }
}

void cpu_gemm(struct nn *nn, size_t m, size_t n, size_t k, const float *a, bool ta,
              const float *b, bool tb, float beta, float *c)
{
    const struct gemm_kernels *g = ((struct host *)nn)->gemm;
    struct operand rows = {a, ta ? m : k, m, g->rows, !ta, g->pack_rows};
    struct operand columns = {b, tb ? k : n, n, g->columns, tb, g->pack_columns};
    struct product p = {.g = g, .k = k, .c = c, .n = n, .add = beta != 0};
    int threads = m * n * k > SERIAL ? nn->threads : 1;
    float *whole;

    if (((struct host *)nn)->engine) {
        dnn_gemm(nn, m, n, k, a, ta, b, tb, beta, c);
        return;
    }
    assert(k > 0);
    if (nn->failed || m == 0 || n == 0)
        return;
    p.pieces_of_a = m >= n;
    p.whole = p.pieces_of_a ? columns : rows;
    p.piece = p.pieces_of_a ? rows : columns;
    plan(&p, threads);
    if (!p.pieces_of_a && m <= FEW_ROWS && !ta && tb && g->multiply_few) {
        few_rows(nn, &p, threads);
        return;
    }
    whole = host_packed(nn, (p.strip * whole_block(&p) + (size_t)threads * piece_words(&p)) *
                                sizeof *whole);
    if (!whole)
        return;
#pragma omp parallel num_threads(threads) if (threads > 1)
    {
        float *piece =
            whole + p.strip * whole_block(&p) + (size_t)omp_get_thread_num() * piece_words(&p);

        for (size_t k0 = 0; k0 < k; k0 += p.strip * p.depth) {
            pack_strip(&p, whole, k0);
#pragma omp for schedule(dynamic)
            for (size_t i = 0; i < p.pieces; i++)
                multiply_piece(&p, whole, piece, i, k0);
        }
    }
}

/* One after the other, each by all threads. */
void cpu_gemm_batch(struct nn *nn, size_t count, size_t m, size_t n, size_t k, const float *a,
                    size_t next_a, bool ta, const float *b, size_t next_b, bool tb, float beta,
                    float *c, size_t next_c)
{
    for (size_t i = 0; i < count; i++)
        cpu_gemm(nn, m, n, k, a + i * next_a, ta, b + i * next_b, tb, beta, c + i * next_c);
}
