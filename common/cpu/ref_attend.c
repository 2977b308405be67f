/* ref_attend.c: attention of all kinds and rotary positions in plain loops with sums in double;
 * part of ops_ref. */
#include <assert.h>
#include <float.h>
#include <math.h>

#include "cpu/host.h"
#include "cpu/past_order.h"

static const double NORM_MIN = 1e-12; /* as in torch.nn.functional.normalize */
static const double SELF = -5e4, HIDDEN = -(double)FLT_MAX;
static const float LOWEST = -1e30F; /* below what any logit is, but those of hidden keys */

/* One head of one sequence. */
struct head {
    const struct attend_dims *s;
    size_t sequence;
    struct rng draw; /* of dropout */
    const float *qk, *v, *grad_o, *o;
    const int32_t *order, *bucket;
    const uint8_t *real, *asked; /* NULL: all */
    int32_t *chunk; /* LSH without duplicates: [R,T] a position's chunk in each round */
    int32_t *line;  /* ALIGNED: [T] 0, 1, 2 ... */
    float *stat;
    double *sum, *dq, *dk, *dv; /* [T] or [T,D] each; dk of unit keys */
};

/* Query i meets key j. */
struct pair {
    size_t i, j, place; /* of the window, as dropout numbers it */
    size_t round;       /* LSH: the query's; the key's may be the one before */
    size_t key_round;
};

/* --- which pairs meet */

static bool asks(const struct head *h, size_t i)
{
    return i < h->s->queries && (!h->asked || h->asked[i]);
}

typedef void visitor(struct head *h, const struct pair *p);

static void each_pair_lsh(struct head *h, visitor *visit)
{
    const struct attend_dims *s = h->s;
    size_t C = s->C, slots = s->R * s->T;

    for (size_t i = 0; i < slots; i++) {
        size_t before = (i / C * C + slots - C) % slots;

        if (!asks(h, (size_t)h->order[i]))
            continue;
        for (size_t w = 0; w < 2 * C; w++) {
            size_t j = (before + w) % slots, round = i / s->T;
            struct pair p = {(size_t)h->order[i], (size_t)h->order[j], 2 * C * round + w, round,
                             j / s->T};

            visit(h, &p);
        }
    }
}

/* The chunk of positions at[n], and what comes before it in its bucket. */
static void each_pair_of_chunk(struct head *h, visitor *visit, size_t round, const int32_t *at,
                               size_t n, bool first)
{
    size_t C = h->s->C;

    for (size_t i = 0; i < n; i++)
        for (size_t w = first ? C : 0; w < C + n && asks(h, (size_t)at[i]); w++) {
            struct pair p = {.i = (size_t)at[i],
                             .j = (size_t)(w < C ? *(at - (C - w)) : at[w - C]),
                             .place = 2 * C * round + w};

            visit(h, &p);
        }
}

static void each_pair_aligned(struct head *h, visitor *visit)
{
    size_t T = h->s->T, C = h->s->C;

    for (size_t round = 0; round <= h->s->R; round++) {
        bool all = round == h->s->R; /* of the positions, in one bucket */
        const int32_t *at = all ? h->line : h->order + round * T;
        const int32_t *bucket = h->bucket + round * T;

        for (size_t i = 0, start = 0, n; i < T; i += n) {
            n = 1;
            while (n < C && i + n < T && (all || bucket[at[i]] == bucket[at[i + n]]))
                n++;
            if (!all && bucket[at[i]] != bucket[at[start]])
                start = i;
            each_pair_of_chunk(h, visit, round, at + i, n, i == start);
        }
    }
}

static void each_pair_full(struct head *h, visitor *visit)
{
    for (size_t i = 0; i < h->s->queries; i++)
        if (asks(h, i))
            for (size_t j = 0; j < h->s->T; j++)
                visit(h, &(struct pair){.i = i, .j = j, .place = j});
}

/* Places in the windows that a query sees. */
static size_t local_places(const struct attend_dims *s)
{
    return attend_before(s) + (s->causal ? 1 : 2) * 2 * s->C;
}

static void each_pair_local(struct head *h, visitor *visit)
{
    size_t n = 2 * h->s->C, before = attend_before(h->s), places = local_places(h->s);

    assert(n);
    for (size_t i = 0; i < h->s->queries; i++) {
        if (!asks(h, i))
            continue;
        for (size_t w = 0; w < places; w++) {
            size_t j = i / n * n + w; /* too large by the windows before */

            if (j >= before && j - before < h->s->queries)
                visit(h, &(struct pair){.i = i, .j = j - before, .place = w});
        }
    }
}

static void each_pair(struct head *h, visitor *visit)
{
    if (h->s->kind == ATTEND_LSH)
        each_pair_lsh(h, visit);
    else if (h->s->kind == ATTEND_ALIGNED)
        each_pair_aligned(h, visit);
    else if (h->s->kind == ATTEND_FULL)
        each_pair_full(h, visit);
    else
        each_pair_local(h, visit);
}

/* --- logits */

static double dot(const float *a, const float *b, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

static double norm(const struct head *h, size_t i)
{
    const float *q = h->qk + i * h->s->D;
    double n = sqrt(dot(q, q, h->s->D));

    return n < NORM_MIN ? NORM_MIN : n;
}

static bool same_bucket(const struct head *h, size_t i, size_t round_i, size_t j,
                        size_t round_j)
{
    return round_i == round_j &&
           h->bucket[round_i * h->s->T + i] == h->bucket[round_j * h->s->T + j];
}

/* Rounds in which the pair meets, but over the seam of two rounds: those do not count. */
static size_t meetings(const struct head *h, size_t i, size_t j)
{
    const struct attend_dims *s = h->s;
    size_t n = 0, chunks = s->R * s->T / s->C;

    for (size_t r = 0; r < s->R; r++) {
        size_t query = (size_t)h->chunk[r * s->T + i], key = (size_t)h->chunk[r * s->T + j];

        if ((key == query || (key + 1) % chunks == query) &&
            (s->across || same_bucket(h, i, r, j, r)))
            n++;
    }
    return n;
}

/* Padding and causality hide the key; in LSH and FULL, padding hides keys from queries of
 * padding too. */
static bool hidden(const struct head *h, const struct pair *p)
{
    const struct attend_dims *s = h->s;

    return (h->real && (!h->real[p->j] || (s->kind != ATTEND_LOCAL && !h->real[p->i]))) ||
           (s->causal && p->j > p->i && p->j < s->queries);
}

/* The logit; *kept is false where a mask overwrote it. What is hidden plays no part at all:
 * not even a NaN in its value does. */
static double logit(const struct head *h, const struct pair *p, bool *kept)
{
    const struct attend_dims *s = h->s;
    bool lsh = s->kind == ATTEND_LSH, hide = hidden(h, p);
    size_t D = s->D;
    double x;

    if (attend_hashes(s) && p->i == p->j)
        hide = false;
    if (lsh && !s->across && !same_bucket(h, p->i, p->round, p->j, p->key_round))
        hide = true;
    *kept = !hide && p->i != p->j;
    if (hide)
        return HIDDEN;
    x = p->i == p->j
            ? SELF
            : dot(h->qk + p->i * D, h->qk + p->j * D, D) / norm(h, p->j) / sqrt((double)D);
    if (lsh && !s->duplicates)
        x -= log((double)meetings(h, p->i, p->j) + 1e-9);
    return x;
}

/* What dropout makes of the pair's probability: a factor. */
static double kept_share(const struct head *h, const struct pair *p)
{
    const struct attend_dims *s = h->s;
    size_t W = s->kind == ATTEND_LSH       ? 2 * s->C * s->R
               : s->kind == ATTEND_ALIGNED ? 2 * s->C * (s->R + 1)
               : s->kind == ATTEND_FULL    ? s->T
                                           : attend_before(s) + 4 * s->C;

    if (s->dropout == 0)
        return 1;
    return rng_uniform(h->draw, (uint64_t)(h->sequence * s->T + p->i) * W + p->place) <
                   s->dropout
               ? 0
               : 1 / (1 - (double)s->dropout);
}

static void find_chunks(struct head *h)
{
    for (size_t i = 0; h->s->kind == ATTEND_ALIGNED && i < h->s->T; i++)
        h->line[i] = (int32_t)i;
    if (h->s->kind == ATTEND_LSH && !h->s->duplicates)
        for (size_t i = 0; i < h->s->R * h->s->T; i++)
            h->chunk[i / h->s->T * h->s->T + (size_t)h->order[i]] = (int32_t)(i / h->s->C);
}

/* --- forward */

static void find_largest(struct head *h, const struct pair *p)
{
    bool kept;
    float x = (float)logit(h, p, &kept);

    if (x > h->stat[2 * p->i]) /* a NaN shows in the sum */
        h->stat[2 * p->i] = x;
}

static void add_value(struct head *h, const struct pair *p)
{
    bool kept;
    size_t D = h->s->D;
    double x = logit(h, p, &kept), e = exp(x - (double)h->stat[2 * p->i]);

    if (x == HIDDEN)
        return;
    h->sum[p->i] += e;
    e *= kept_share(h, p);
    for (size_t d = 0; d < D; d++)
        h->dv[p->i * D + d] += e * (double)h->v[p->j * D + d];
}

/* The part of every array that is head bh's; scratch: doubles, then chunks. */
static struct head head_of(size_t bh, const float *qk, const float *v, const int32_t *order,
                           const int32_t *bucket, const uint8_t *real, float *stat,
                           double *scratch, const struct attend_dims *s)
{
    size_t n = s->T * s->D, at = (bh / s->H * s->heads + bh % s->H) * n;
    bool hashed = attend_hashes(s);

    return (struct head){.s = s,
                         .sequence = bh / s->H,
                         .draw = attend_draw(s, bh % s->H),
                         .qk = qk + at,
                         .v = v + at,
                         .order = hashed ? order + bh * s->R * s->T : NULL,
                         .bucket = hashed && bucket ? bucket + bh * s->R * s->T : NULL,
                         .real = real ? real + bh / s->H * s->T : NULL,
                         .asked = s->asked ? s->asked + bh / s->H * s->T : NULL,
                         .stat = stat + bh * s->T * 2,
                         .dq = scratch,
                         .dk = scratch + n,
                         .dv = scratch + 2 * n,
                         .sum = scratch + 3 * n,
                         .chunk = (int32_t *)(scratch + 3 * n + s->T),
                         .line = (int32_t *)(scratch + 3 * n + s->T)};
}

static double *new_scratch(struct nn *nn, const struct attend_dims *s)
{
    size_t ints = attend_hashes(s) ? s->R * s->T : 0;

    return host_scratch(nn, s->T * (3 * s->D + 1) * sizeof(double) + ints * sizeof(int32_t));
}

/* Whether query i gets the mean of its windows; enum attend_padding. */
static bool gets_mean(const struct head *h, size_t i)
{
    const struct attend_dims *s = h->s;

    if (s->kind != ATTEND_LOCAL || s->padding == PADDING_SEES || !h->real || h->real[i] ||
        !asks(h, i))
        return false;
    return s->padding == PADDING_MEAN || h->sum[i] == 0;
}

static double window_mean(const struct head *h, size_t i, size_t d)
{
    const struct attend_dims *s = h->s;
    size_t n = 2 * s->C, before = attend_before(s), places = local_places(s);
    double sum = 0;

    assert(n);
    for (size_t w = 0; w < places; w++) {
        size_t j = i / n * n + w; /* too large by the windows before */
        bool is = j >= before && j - before < s->queries;

        sum += is ? (double)h->v[(j - before) * s->D + d] : -1;
    }
    return sum / (double)places;
}

static void put_mean(struct head *h, float *o, size_t i)
{
    h->stat[2 * i + 1] = 0; /* for backward it saw nothing */
    for (size_t d = 0; d < h->s->D; d++)
        o[d] = (float)window_mean(h, i, d);
}

void ref_attend_fwd(struct nn *nn, float *o, float *stat, const float *qk, const float *v,
                    const int32_t *order, const int32_t *bucket, const uint8_t *real,
                    const struct attend_dims *s)
{
    size_t T = s->T, D = s->D;
    double *scratch;

    if (nn->failed || !(scratch = new_scratch(nn, s)))
        return;
    for (size_t bh = 0; bh < s->B * s->H; bh++) {
        struct head h = head_of(bh, qk, v, order, bucket, real, stat, scratch, s);
        float *to = o + (h.qk - qk);

        memset(h.dv, 0, T * (D + 1) * sizeof *h.dv); /* and the sums */
        for (size_t i = 0; i < T; i++)
            h.stat[2 * i] = LOWEST;
        find_chunks(&h);
        each_pair(&h, find_largest);
        each_pair(&h, add_value);
        for (size_t i = 0; i < T; i++) {
            double f = h.sum[i] == 0 ? 0 : 1 / h.sum[i]; /* 0: the row sees nothing */

            h.stat[2 * i + 1] = (float)f;
            for (size_t d = 0; d < D; d++)
                to[i * D + d] = (float)(h.dv[i * D + d] * f);
            if (gets_mean(&h, i))
                put_mean(&h, to + i * D, i);
        }
    }
}

/* --- backward */

/* P = exp(logit - largest) / sum, P' is what dropout leaves of it; dv_j += P' go_i;
 * dlogit = P' go_i . v_j - P go_i . o_i. */
static void add_gradient(struct head *h, const struct pair *q)
{
    bool kept;
    size_t D = h->s->D, i = q->i, j = q->j;
    const float *go = h->grad_o + i * D;
    double x = logit(h, q, &kept);
    double p = exp(x - (double)h->stat[2 * i]) * (double)h->stat[2 * i + 1];
    double left = p * kept_share(h, q), n = norm(h, j);
    double g = left * dot(go, h->v + j * D, D) - p * dot(go, h->o + i * D, D);

    if (x == HIDDEN)
        return;
    for (size_t d = 0; d < D; d++)
        h->dv[j * D + d] += left * (double)go[d];
    if (!kept)
        return;
    g /= sqrt((double)D);
    for (size_t d = 0; d < D; d++) {
        h->dq[i * D + d] += g * (double)h->qk[j * D + d] / n;
        h->dk[j * D + d] += g * (double)h->qk[i * D + d]; /* of the unit key */
    }
}

/* dqk = dq + what the unit key u = qk / |qk| passes on: (dk - u (u . dk)) / |qk|. */
static void through_norm(const struct head *h, float *dqk, size_t i)
{
    size_t D = h->s->D;
    const float *q = h->qk + i * D;
    const double *dk = h->dk + i * D;
    double n = norm(h, i), along = 0;

    if (n > NORM_MIN)
        for (size_t d = 0; d < D; d++)
            along += dk[d] * (double)q[d] / n;
    for (size_t d = 0; d < D; d++)
        dqk[d] = (float)(h->dq[i * D + d] + (dk[d] - (double)q[d] / n * along) / n);
}

void ref_attend_bwd(struct nn *nn, float *dqk, float *dv, const float *grad_o, const float *o,
                    const float *stat, const float *qk, const float *v, const int32_t *order,
                    const int32_t *bucket, const uint8_t *real, const struct attend_dims *s)
{
    size_t T = s->T, D = s->D;
    double *scratch;

    if (nn->failed || !(scratch = new_scratch(nn, s)))
        return;
    for (size_t bh = 0; bh < s->B * s->H; bh++) {
        struct head h =
            head_of(bh, qk, v, order, bucket, real, (float *)(uintptr_t)stat, scratch, s);
        size_t at = (size_t)(h.qk - qk);

        h.grad_o = grad_o + at;
        h.o = o + at;
        memset(scratch, 0, 3 * T * D * sizeof *scratch);
        find_chunks(&h);
        each_pair(&h, add_gradient);
        for (size_t i = 0; i < T; i++) {
            through_norm(&h, dqk + at + i * D, i);
            for (size_t d = 0; d < D; d++)
                dv[at + i * D + d] = (float)h.dv[i * D + d];
        }
    }
}

/* --- one position at a time */

void ref_attend_put(struct nn *nn, const struct attend_past *past, const float *qk,
                    const float *v, const int32_t *bucket, size_t first,
                    const struct attend_dims *s)
{
    size_t TD = s->T * s->D, ring = 2 * s->C, n = s->queries;

    for (size_t i = 0; i < s->H * past->B && !nn->failed; i++) {
        size_t h = i / past->B, from = s->B == 1 ? 0 : i % past->B;
        size_t at = (from * s->heads + h) * TD, bytes = s->D * sizeof *qk;
        const int32_t *own = bucket + (from * s->H + h) * s->R * s->T;
        struct head one = {.s = s, .qk = past->qk};

        for (size_t t = 0; t < n; t++) {
            size_t row = h * past->rows + past_row(past, i % past->B, first + t);

            memcpy(past->qk + row * s->D, qk + at + t * s->D, bytes);
            memcpy(past->v + row * s->D, v + at + t * s->D, bytes);
            past->inv[row] = (float)(1 / (norm(&one, row) * sqrt((double)s->D)));
        }
        for (size_t j = 0; s->kind == ATTEND_ALIGNED && j < s->R * n; j++) {
            size_t b = (i * s->R + j / n) * past->N + (size_t)own[j / n * s->T + j % n];

            past->recent[b * ring + (size_t)past->count[b]++ % ring] = (int32_t)(first + j % n);
        }
        if (s->kind == ATTEND_LSH) {
            struct attend_past of = *past;

            of.recent += i * s->R * past->room;
            of.count += i * s->R * past->N;
            past_put(&of, own, first, s);
        }
    }
}

/* Whether `key` is among n keys that position t meets already. */
static bool has_met(const int32_t *keys, size_t n, int32_t key)
{
    for (size_t i = 0; i < n; i++)
        if (keys[i] == key)
            return true;
    return false;
}

/* LSH: by the chunk that each slot of a round, or of the round before, is of. */
static size_t chunked_keys_of(int32_t *key, const struct attend_past *past, size_t i,
                              const int32_t *bucket, size_t t, const struct attend_dims *s)
{
    size_t n = 0, C = s->C, chunks = t / C + 1;

    for (size_t r = 0; r < s->R; r++) {
        const int32_t *count = past->count + (i * s->R + r) * past->N;
        struct past_slots own = past_slots(count, bucket[r]);
        size_t chunk = (own.to - 1) / C;

        for (size_t k = 0; k < 2 * (t + 1); k++) {
            bool here = k <= t; /* else a slot of the round before */
            size_t slot = k % (t + 1), of = slot / C, round = here ? r : (r + s->R - 1) % s->R;
            int32_t p = past->recent[(i * s->R + round) * past->room + slot];
            bool meets = here ? of == chunk || of + 1 == chunk
                              : chunk == 0 && chunks > 1 && of + 1 == chunks;
            bool alike = s->across || (here && slot >= own.from && slot < own.to);

            if (meets && alike && p != (int32_t)t && (s->duplicates || !has_met(key, n, p)))
                key[n++] = p;
        }
    }
    key[n++] = (int32_t)t;
    return n;
}

/* The keys that position t of head i meets, as often as it meets them, into key[]; returns how
 * many these are. */
static size_t keys_of(int32_t *key, const struct attend_past *past, size_t i,
                      const int32_t *bucket, size_t t, const struct attend_dims *s)
{
    size_t C = s->C, n = 0, from = 0;

    if (s->kind == ATTEND_LSH)
        return chunked_keys_of(key, past, i, bucket, t, s);
    for (size_t r = 0; s->kind == ATTEND_ALIGNED && r < s->R; r++) {
        size_t b = (i * s->R + r) * past->N + (size_t)bucket[r];
        size_t last = (size_t)past->count[b] - 1, chunk = last / C;

        for (size_t k = chunk ? (chunk - 1) * C : 0; k <= last; k++)
            key[n++] = past->recent[b * 2 * C + k % (2 * C)];
    }
    if (s->kind == ATTEND_ALIGNED)
        from = t / C ? (t / C - 1) * C : 0;
    if (s->kind == ATTEND_LOCAL)
        from = t / (2 * C) > s->back ? (t / (2 * C) - s->back) * 2 * C : 0;
    while (from <= t)
        key[n++] = (int32_t)from++;
    return n;
}

void ref_attend_step(struct nn *nn, float *o, const struct attend_past *past,
                     const int32_t *bucket, size_t t, const struct attend_dims *s)
{
    size_t most = t + 1 + 2 * s->C * s->R, D = s->D;
    double *logit = nn->failed ? NULL : host_scratch(nn, most * (sizeof *logit + sizeof(int)));
    int32_t *key = logit ? (int32_t *)(void *)(logit + most) : NULL;

    for (size_t i = 0; i < s->H * past->B && logit; i++) {
        size_t h = i / past->B, b = i % past->B, at = h * past->rows;
        struct head one = {.s = s, .qk = past->qk + at * D};
        const float *q = one.qk + past_row(past, b, t) * D;
        size_t n = keys_of(key, past, i,
                           attend_hashes(s) ? bucket + (b * s->H + h) * s->R : NULL, t, s);
        double largest = -(double)INFINITY, sum = 0, x;
        float *to = o + (b * s->heads + h) * D;

        for (size_t k = 0; k < n; k++) {
            size_t j = past_row(past, b, (size_t)key[k]);

            logit[k] = key[k] == (int32_t)t
                           ? SELF
                           : dot(q, one.qk + j * D, D) / norm(&one, j) / sqrt((double)D);
            largest = fmax(largest, logit[k]);
        }
        for (size_t k = 0; k < n; k++)
            sum += logit[k] = exp(logit[k] - largest);
        for (size_t d = 0; d < D; d++) {
            x = 0;
            for (size_t k = 0; k < n; k++)
                x += logit[k] *
                     (double)past->v[(at + past_row(past, b, (size_t)key[k])) * D + d];
            to[d] = (float)(x / sum);
        }
    }
}

/* --- positions */

void ref_rotary(struct nn *nn, float *x, float sign, size_t B, size_t heads, size_t H,
                size_t first, size_t T, size_t D, size_t limit)
{
    if (nn->failed)
        return;
    for (size_t row = 0; row < B * H * T; row++) {
        size_t i = row % T, t = first + i, h = row / T % H, b = row / T / H;
        float *y = x + ((b * heads + h) * T + i) * D;

        for (size_t d = 0; d + 1 < D && t < limit; d += 2) {
            double angle = (double)t * pow(10000, -(double)d / (double)D);
            double c = cos(angle), s = (double)sign * sin(angle);
            double y0 = (double)y[d], y1 = (double)y[d + 1];

            y[d] = (float)(y0 * c - y1 * s);
            y[d + 1] = (float)(y1 * c + y0 * s);
        }
    }
}
