/* cpu_gemm.c: matrix products of NN_CPU: packs the operands and shares tiles of c out. */
#include <assert.h>
#include <math.h>
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

typedef void pack_function(void *to, const float *x, size_t ld, bool runs, size_t lanes,
                           size_t after, size_t depth);

struct operand {
    const float *x;
    size_t ld, lanes, width;
    bool runs; /* a lane is a row of x */
    pack_function *pack;
    const struct stored *stored; /* instead of x; NULL: it is x */
};

/* Weights as store() left them: scales of the lanes of all tiles, then the tiles, [k][columns]
 * each. */
struct stored {
    const struct gemm_kernels *g; /* which made it */
    enum nn_store how;
    size_t n, k;
    float *scale;
    char *tiles;
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

/* Where numbers of a tile from k on lie. */
static void *stored_at(const struct stored *w, size_t tile, size_t k)
{
    return w->tiles + (tile * w->k + k) * w->g->columns * store_bytes(w->how);
}

/* Tiles of columns packed from stored ones, a few numbers of k at a time: where these are whole
 * steps, one packed piece lies behind the other. */
static void pack_stored(const struct product *p, const struct operand *o, char *to, size_t from,
                        size_t until, size_t k, size_t depth)
{
    enum { PIECE = 64, COLUMNS_MAX = 32 };
    float wide[PIECE * COLUMNS_MAX];
    size_t words = gemm_tile_words(p->g, o->width, depth), width = o->width;

    for (size_t t = from; t < until; t++, to += words * sizeof(float))
        for (size_t i = 0; i < depth; i += PIECE) {
            size_t n = smaller(PIECE, depth - i);

            o->stored->g->widen(wide, o->stored->how, stored_at(o->stored, t, k + i), n);
            o->pack(to + i / p->g->pair * width * sizeof(float), wide, width, false, width, 0,
                    n);
        }
}

/* Lanes from tile `from` to tile `to`, numbers k to k + depth. */
static void pack_tiles(const struct product *p, const struct operand *o, void *to, size_t from,
                       size_t until, size_t k, size_t depth)
{
    size_t lane = from * o->width, end = smaller(until * o->width, o->lanes);

    if (o->stored) {
        pack_stored(p, o, to, from, until, k, depth);
        return;
    }
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

        pack_tiles(p, &p->whole,
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

        pack_tiles(p, &p->piece, piece, from, until, k, depth);
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
        pack_tiles(p, a, packed + i * block, 0, tiles(a), i * p->depth,
                   smaller(p->depth, p->k - i * p->depth));
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(static)
    for (size_t j = 0; j < p->n; j += b->width)
        for (size_t i = 0; i < blocks; i++) {
            size_t k = i * p->depth;
            size_t lanes = smaller(b->width, p->n - j), depth = smaller(p->depth, p->k - k);
            float *c = p->c + j;

            if (b->stored)
                p->g->multiply_stored(c, p->n, m, lanes, depth, packed + i * block,
                                      b->stored->how, stored_at(b->stored, j / b->width, k), k);
            else
                p->g->multiply_few(c, p->n, m, lanes, depth, packed + i * block,
                                   b->x + j * b->ld + k, b->ld, p->add || k);
        }
}

static void many_rows(struct nn *nn, struct product p, int threads)
{
    float *whole = host_packed(
        nn, (p.strip * whole_block(&p) + (size_t)threads * piece_words(&p)) * sizeof *whole);

    if (!whole)
        return;
#pragma omp parallel num_threads(threads) if (threads > 1)
    {
        float *piece =
            whole + p.strip * whole_block(&p) + (size_t)omp_get_thread_num() * piece_words(&p);

        for (size_t k0 = 0; k0 < p.k; k0 += p.strip * p.depth) {
            pack_strip(&p, whole, k0);
#pragma omp for schedule(dynamic)
            for (size_t i = 0; i < p.pieces; i++)
                multiply_piece(&p, whole, piece, i, k0);
        }
    }
}

/* c of m rows; rows and columns as they lie. */
static struct product product_of(const struct gemm_kernels *g, size_t m, size_t n, size_t k,
                                 float *c, const struct operand *rows,
                                 const struct operand *columns, int threads)
{
    struct product p = {.g = g, .k = k, .c = c, .n = n, .pieces_of_a = m >= n};

    p.whole = p.pieces_of_a ? *columns : *rows;
    p.piece = p.pieces_of_a ? *rows : *columns;
    plan(&p, threads);
    return p;
}

static int threads_for(const struct nn *nn, size_t m, size_t n, size_t k)
{
    return m * n * k > SERIAL ? nn->threads : 1;
}

void cpu_gemm(struct nn *nn, size_t m, size_t n, size_t k, const float *a, bool ta,
              const float *b, bool tb, float beta, float *c)
{
    const struct host *h = (struct host *)nn;
    bool few = m < n && m <= FEW_ROWS && !ta && tb && h->gemm_few->multiply_few;
    const struct gemm_kernels *g = few ? h->gemm_few : h->gemm;
    const struct operand rows = {a, ta ? m : k, m, g->rows, !ta, g->pack_rows, NULL};
    const struct operand columns = {b, tb ? k : n, n, g->columns, tb, g->pack_columns, NULL};
    int threads = threads_for(nn, m, n, k);
    struct product p;

    if (h->engine) {
        dnn_gemm(nn, m, n, k, a, ta, b, tb, beta, c);
        return;
    }
    assert(k > 0);
    if (nn->failed || m == 0 || n == 0)
        return;
    p = product_of(g, m, n, k, c, &rows, &columns, threads);
    p.add = beta != 0;
    if (few)
        few_rows(nn, &p, threads);
    else
        many_rows(nn, p, threads);
}

/* --- weights stored in fewer bits */

size_t cpu_stored_bytes(const struct nn *nn, enum nn_store how, size_t n, size_t k)
{
    size_t width = ((const struct host *)nn)->gemm32->columns, lanes = parts(n, width) * width;

    return lanes * (sizeof(float) + k * store_bytes(how));
}

static struct stored stored_in(const struct nn *nn, const void *memory, enum nn_store how,
                               size_t n, size_t k)
{
    const struct gemm_kernels *g = ((const struct host *)nn)->gemm32;
    struct stored w = {.g = g, .how = how, .n = n, .k = k, .scale = (float *)(uintptr_t)memory};

    w.tiles = (char *)(w.scale + parts(n, g->columns) * g->columns);
    return w;
}

static float largest(const float *x, size_t n)
{
    float most = 0;

#pragma omp simd reduction(max : most)
    for (size_t i = 0; i < n; i++)
        most = fabsf(x[i]) > most ? fabsf(x[i]) : most;
    return most;
}

void cpu_store(struct nn *nn, void *to, enum nn_store how, const float *x, size_t n, size_t k)
{
    const struct stored w = stored_in(nn, to, how, n, k);
    size_t width = w.g->columns, words = gemm_tile_words(w.g, width, k);
    float *packed;

    if (nn->failed || !(packed = host_packed(nn, (size_t)nn->threads * words * sizeof *packed)))
        return;
#pragma omp parallel for num_threads(nn->threads) schedule(static)
    for (size_t j = 0; j < n; j += width) {
        float *own = packed + (size_t)omp_get_thread_num() * words;
        size_t lanes = smaller(width, n - j);

        for (size_t i = 0; how == NN_STORE_INT8 && i < lanes; i++)
            w.scale[j + i] = largest(x + (j + i) * k, k) / 127;
        w.g->pack_columns(own, x + j * k, k, true, lanes, 0, k);
        w.g->narrow(stored_at(&w, j / width, 0), how, own, w.scale + j, k);
    }
}

/* c[m,n], each column times its scale. */
static void scale_columns(struct nn *nn, float *c, size_t m, const struct stored *w)
{
#pragma omp parallel for num_threads(nn->threads) if (m * w->n > HOST_SERIAL)
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < w->n; j++)
            c[i * w->n + j] *= w->scale[j];
}

void cpu_gemm_stored(struct nn *nn, size_t m, size_t n, size_t k, const float *a,
                     enum nn_store how, const void *memory, float *c)
{
    const struct host *h = (struct host *)nn;
    const struct stored w = stored_in(nn, memory, how, n, k);
    bool few = m < n && m <= FEW_ROWS;
    const struct gemm_kernels *g = few || h->exact || h->engine ? h->gemm32 : h->gemm;
    const struct operand rows = {a, k, m, g->rows, true, g->pack_rows, NULL};
    const struct operand columns = {NULL, 0, n, g->columns, true, g->pack_columns, &w};
    int threads = threads_for(nn, m, n, k);
    struct product p;

    if (nn->failed || m == 0)
        return;
    p = product_of(g, m, n, k, c, &rows, &columns, threads);
    if (few)
        few_rows(nn, &p, threads);
    else
        many_rows(nn, p, threads);
    if (how == NN_STORE_INT8 && !nn->failed)
        scale_columns(nn, c, m, &w);
}

/* One after the other, each by all threads. */
void cpu_gemm_batch(struct nn *nn, size_t count, size_t m, size_t n, size_t k, const float *a,
                    size_t next_a, bool ta, const float *b, size_t next_b, bool tb, float beta,
                    float *c, size_t next_c)
{
    for (size_t i = 0; i < count; i++)
        cpu_gemm(nn, m, n, k, a + i * next_a, ta, b + i * next_b, tb, beta, c + i * next_c);
}
