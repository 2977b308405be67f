/* test_lsh.c: hash, sort and attention against the reference; the ring's corners. */
#include "shapes.h"
#include "trial.h"

/* d = B, H, T, D, R, C, positions that are queries, flags */
enum {
    LOCAL = 1,
    FULL = 2,
    CAUSAL = 4,
    PADDED = 8,    /* some at the end of each sequence's queries, and one in its middle */
    WITHIN = 16,   /* buckets */
    ONCE = 32,     /* no duplicates */
    DROPOUT = 64,  /* a third */
    PART = 128,    /* of the heads: not the first, not the last */
    SETS = 256,    /* of rotations: three */
    FACTORS = 512, /* two */
    FEW = 1024,    /* queries are asked: one in five, of the first half of positions */
    ALONE = 2048,  /* all but one position of the first sequence are padding */
    MEAN = 4096,   /* of all queries of padding, */
    MEAN_IF_ALONE = 8192, /* or of those that see nothing: enum attend_padding */
    ALIGNED = 16384,
    RING = 32768, /* a past keeps what it must alone */
    BACK = 65536, /* three windows before the query's own are seen, */
    OWN = 131072  /* or none; else one */
};

static struct attend_dims dims(const struct trial *t)
{
    size_t f = t->d[7];
    struct attend_dims s =
        lsh_dims(t->d[0], t->d[1], t->d[2], t->d[3], t->d[4], t->d[5], f & CAUSAL);

    s.kind = f & LOCAL     ? ATTEND_LOCAL
             : f & FULL    ? ATTEND_FULL
             : f & ALIGNED ? ATTEND_ALIGNED
                           : ATTEND_LSH;
    s.back = f & BACK ? 3 : f & OWN ? 0 : 1;
    s.padding = f & MEAN            ? PADDING_MEAN
                : f & MEAN_IF_ALONE ? PADDING_MEAN_IF_ALONE
                                    : PADDING_SEES;
    s.heads = f & PART ? s.H + 2 : s.H;
    s.queries = t->d[6];
    s.across = !(f & WITHIN);
    s.duplicates = !(f & ONCE);
    s.dropout = f & DROPOUT ? 1.0F / 3 : 0;
    s.draw = rng_stream(7, 7, 7, RNG_TEST);
    s.first_head = f & PART ? 3 : 0;
    return s;
}

/* Integers are exact away from ties; no vector of these seeds is near one. */
static void run_hash_sort(struct trial *t)
{
    struct attend_dims s = dims(t);
    struct hash_dims hash = lsh_hash_dims(&s);
    size_t rows = s.B * s.H * s.R;
    int32_t *bucket = out_int(t, rows * s.T);
    const float *qk = in(t, s.B * s.heads * s.T * s.D), *rot;

    if (t->d[7] & FACTORS)
        hash.n2 = 6;
    hash.first_head = t->d[7] & PART ? 1 : 0;
    hash.rots = t->d[7] & SETS ? 3 : 1;
    rot = in(t, hash.rots * hash_rotation(&hash));
    t->op->lsh_hash(t->nn, bucket, qk + (t->d[7] & PART ? s.T * s.D : 0), rot, &hash);
    t->op->lsh_sort(t->nn, out_int(t, rows * s.T), bucket, rows, s.T, hash_buckets(&hash));
}

/* Random buckets, most positions in the first few, and positions in their order. */
static int32_t *some_order(struct trial *t, const struct attend_dims *s, int32_t **bucket)
{
    size_t n = s->B * s->H * s->R * s->T, T = s->T, N = (T + s->C - 1) / s->C;
    int32_t *order, *to, *from;

    *bucket = in_index(t, n, N);
    order = out_int(t, n);
    from = get(t, *bucket);
    to = get(t, order);
    for (size_t i = 0; i < n; i++)
        from[i] = from[i] * from[i] / (int32_t)N;
    for (size_t row = 0; row < n; row += T)
        for (size_t k = 0, at = row; k < N; k++)
            for (size_t i = 0; i < T; i++)
                if (from[row + i] == (int32_t)k)
                    to[at++] = (int32_t)i;
    put(t, *bucket);
    put(t, order);
    return order;
}

static uint8_t *some_padding(struct trial *t, const struct attend_dims *s, bool alone)
{
    uint8_t *real = given(t, GIVEN, NULL, s->B * s->T), *x = get(t, real);

    for (size_t i = 0; i < s->B * s->T; i++) {
        size_t at = i % s->T;

        x[i] = at >= s->queries || (at + s->queries / 3 < s->queries && at != s->queries / 2);
        if (alone)
            x[i] = at == 40 || (i >= s->T && at % 3 == 0);
    }
    put(t, real);
    return real;
}

/* What comes back for the others must not be looked at. */
static uint8_t *ask_few(struct trial *t, const struct attend_dims *s, float *grad_o)
{
    uint8_t *asked = given(t, GIVEN, NULL, s->B * s->T), *x = get(t, asked);
    float *go = get(t, grad_o);

    for (size_t i = 0; i < s->B * s->T; i++) {
        size_t b = i / s->T, at = i % s->T;

        x[i] = at % 5 == b % 5 && at < s->T / 2;
        for (size_t h = 0; h < s->H && !x[i]; h++)
            for (size_t d = 0; d < s->D; d++)
                go[((b * s->heads + h) * s->T + at) * s->D + d] = NAN;
    }
    put(t, asked);
    put(t, grad_o);
    return asked;
}

/* The other heads of each sequence are not written: they stay as they were. */
static void run_attend(struct trial *t)
{
    struct attend_dims s = dims(t);
    size_t n = s.B * s.heads * s.T * s.D, skip = t->d[7] & PART ? s.T * s.D : 0;
    float *qk = in(t, n) + skip, *v = in(t, n) + skip, *grad_o = in(t, n) + skip;
    float *o = in_out(t, n) + skip, *stat = out(t, s.B * s.H * s.T * 2);
    float *dqk = in_out(t, n) + skip, *dv = in_out(t, n) + skip;
    int32_t *bucket, *order = some_order(t, &s, &bucket);
    uint8_t *real = t->d[7] & (PADDED | ALONE) ? some_padding(t, &s, t->d[7] & ALONE) : NULL;

    s.asked = t->d[7] & FEW ? ask_few(t, &s, grad_o) : NULL;
    t->op->attend_fwd(t->nn, o, stat, qk, v, order, bucket, real, &s);
    t->op->attend_bwd(t->nn, dqk, dv, grad_o, o, stat, qk, v, order, bucket, real, &s);
}

/* Positions below 3/4 of all, in some of the heads; and back, from position R on. */
static void run_rotary(struct trial *t)
{
    struct attend_dims s = dims(t);
    size_t skip = t->d[7] & PART ? s.T * s.D : 0, limit = s.T - s.T / 4;
    float *x = in_out(t, s.B * s.heads * s.T * s.D), *y = in_out(t, s.B * s.heads * s.T * s.D);

    t->op->rotary(t->nn, x + skip, 1, s.B, s.heads, s.H, 0, s.T, s.D, limit);
    t->op->rotary(t->nn, y + skip, -1, s.B, s.heads, s.H, s.R, s.T, s.D, limit);
}

/* d[6] positions at once, the others one by one, of which all o are compared; hashed into d[5]
 * buckets or more. */
static void run_steps(struct trial *t)
{
    struct attend_dims s = dims(t);
    size_t first = t->d[6], steps = s.T - first, N = s.T / s.C + 1;
    size_t keep = t->d[7] & RING ? attend_before(&s) + 2 * s.C : 0;
    size_t rows = keep ? (1 + s.B) * keep : first + s.B * (steps + 3), rooms = s.H * rows;
    size_t one = s.B * s.heads * s.D, ring = s.H * s.B * s.R * N,
           skip = t->d[7] & PART ? s.D : 0;
    size_t kept = s.kind == ATTEND_LSH ? s.H * s.B * s.R * (s.T + 3) : ring * 2 * s.C;
    const float *qk = in(t, s.B * s.heads * t->d[6] * s.D),
                *v = in(t, s.B * s.heads * t->d[6] * s.D);
    const float *qk1 = in(t, one * steps), *v1 = in(t, one * steps);
    const int32_t *bucket = in_index(t, s.B * s.H * s.R * t->d[6], N);
    const int32_t *bucket1 = in_index(t, s.B * s.H * s.R * steps, N);
    float *o = in_out(t, one * steps);
    struct attend_past past = {.B = s.B,
                               .common = first,
                               .own = steps + 3,
                               .ring = keep,
                               .rows = rows,
                               .room = s.T + 3,
                               .N = N,
                               .qk = given(t, OTHER, NULL, rooms * s.D * sizeof(float)),
                               .v = given(t, OTHER, NULL, rooms * s.D * sizeof(float)),
                               .inv = given(t, OTHER, NULL, rooms * sizeof(float)),
                               .recent = given(t, OTHER, NULL, kept * sizeof(int32_t)),
                               .count = given(t, OUT_INT, NULL, ring * sizeof(int32_t))};
    const size_t B = s.B;

    s.T = s.queries = first;
    s.B = 1;
    t->op->attend_put(t->nn, &past, qk + skip * first, v + skip * first, bucket, 0, &s);
    s.T = s.queries = 1;
    s.B = B;
    for (size_t i = 0; i < steps; i++) {
        const int32_t *own = bucket1 + i * s.B * s.H * s.R;

        t->op->attend_put(t->nn, &past, qk1 + i * one + skip, v1 + i * one + skip, own,
                          first + i, &s);
        t->op->attend_step(t->nn, o + i * one + skip, &past, own, first + i, &s);
    }
}

#define WHY                                                                                    \
    "softmax: a logit of 10 is 6e-7 off, so a probability is; gradients are sums of such"

static const struct row rows[] = {
    {"rotary",
     run_rotary,
     1e-6,
     "angles from 64 turns of a double, two products, a sum",
     {{1, 1, 1, 2, 1, 1, 1}, {2, 3, 70, 6, 1, 1, 70, PART}, {3, 2, 200, 64, 75, 1, 200}}},
    {"hash and sort",
     run_hash_sort,
     0,
     "integers",
     {{1, 1, 2, 1, 1, 1, 2, 0},
      {2, 3, 12, 5, 3, 3, 12, PART},
      {2, 2, 130, 16, 2, 5, 130, SETS},
      {1, 3, 300, 24, 2, 25, 300, FACTORS | SETS | PART},
      {1, 1, 1200, 8, 2, 2, 1200, 0},            /* more buckets than a digit of a sort has */
      {1, 1, 20000, 4, 3, 2500, 20000, FACTORS}, /* threads share a row */
      {1, 8, 512, 64, 4, 64, 512, 0},
      {1, 1, 5120, 64, 4, 64, 5120, 0}}},
    {"hash by sets that sequences and heads take in turn",
     run_hash_sort,
     0,
     "integers",
     {{4, 5, 40, 8, 2, 5, 40, SETS}, {4, 3, 40, 8, 2, 5, 40, SETS | PART}}},
    {"attention",
     run_attend,
     1e-5,
     WHY,
     {{1, 1, 2, 1, 1, 1, 2, 0},
      {2, 2, 64, 8, 2, 8, 64, 0},
      {2, 3, 30, 5, 3, 3, 30, PART},
      {1, 3, 16, 16, 1, 8, 16, 0}, /* one round of two chunks: each is before the other */
      {2, 2, 96, 40, 3, 24, 96, 0},
      {1, 2, 256, 64, 4, 64, 256, 0},
      {1, 1, 320, 200, 2, 80, 320, 0},
      {1, 1, 1024, 16, 3, 16, 1024, 0}}}, /* of segments */
    {"attention, padded",
     run_attend,
     1e-5,
     WHY,
     {{2, 2, 32, 8, 1, 8, 32, PADDED},
      {2, 3, 64, 16, 4, 16, 64, PADDED | PART},
      {1, 2, 256, 64, 2, 64, 200, PADDED}}},
    {"attention, causal",
     run_attend,
     1e-5,
     WHY,
     {{2, 2, 32, 8, 1, 8, 32, CAUSAL},
      {2, 3, 48, 16, 4, 8, 37, CAUSAL},
      {1, 2, 256, 64, 4, 64, 256, CAUSAL},
      {1, 1, 640, 24, 2, 20, 601, CAUSAL | PADDED},
      {2, 2, 128, 32, 2, 32, 128, CAUSAL | PADDED}}},
    {"attention, within buckets or once",
     run_attend,
     1e-5,
     WHY,
     {{1, 1, 16, 8, 1, 8, 16, WITHIN},
      {2, 2, 48, 16, 4, 8, 40, CAUSAL | PADDED | WITHIN | ONCE},
      {1, 2, 64, 16, 3, 8, 64, ONCE},
      {1, 2, 64, 16, 3, 8, 64, WITHIN},
      {1, 1, 16, 8, 1, 8, 16, ONCE},
      {1, 1, 256, 64, 4, 64, 256, ONCE | CAUSAL},
      {1, 1, 1280, 16, 2, 20, 1280, WITHIN | ONCE}}},
    {"attention, few queries asked",
     run_attend,
     1e-5,
     WHY,
     {{1, 1, 2, 1, 1, 1, 2, FEW},
      {2, 3, 30, 5, 3, 3, 22, FEW | PART},
      {1, 2, 256, 64, 4, 64, 256, FEW},
      {2, 2, 48, 16, 4, 8, 40, FEW | CAUSAL | PADDED | WITHIN | ONCE | DROPOUT | PART},
      {1, 1, 1024, 16, 3, 16, 1024, FEW},
      {1, 2, 531, 24, 1, 1, 500, FEW | FULL | CAUSAL | PADDED | DROPOUT},
      {1, 1, 700, 16, 1, 40, 600, FEW | LOCAL | PADDED}}},
    {"attention, with dropout",
     run_attend,
     1e-5,
     WHY,
     {{1, 2, 18, 8, 2, 3, 18, DROPOUT},
      {2, 2, 48, 16, 4, 8, 40, CAUSAL | PADDED | WITHIN | ONCE | DROPOUT | PART},
      {1, 1, 256, 64, 2, 64, 256, DROPOUT},
      {1, 1, 70, 16, 1, 1, 61, DROPOUT | FULL},
      {2, 1, 300, 16, 1, 1, 300, DROPOUT | FULL | CAUSAL},
      {1, 2, 90, 16, 1, 5, 80, DROPOUT | LOCAL | BACK},
      {1, 3, 50, 16, 1, 5, 50, DROPOUT | LOCAL},
      {1, 1, 200, 16, 1, 33, 170, DROPOUT | LOCAL | CAUSAL}}},
    {"attention, tokens alone among padding",
     run_attend,
     1e-5,
     WHY,
     {{2, 2, 256, 16, 1, 16, 256, ALONE},
      {2, 1, 515, 32, 1, 1, 515, FULL | CAUSAL | ALONE},
      {2, 1, 64, 16, 1, 16, 64, LOCAL | ALONE},
      {2, 2, 130, 16, 1, 16, 130, LOCAL | CAUSAL | ALONE}}},
    {"attention by aligned chunks",
     run_attend,
     1e-5,
     WHY,
     {{1, 1, 1, 1, 1, 1, 1, ALIGNED | CAUSAL},
      {2, 3, 37, 7, 3, 4, 37, ALIGNED | CAUSAL | PADDED | PART},
      {2, 2, 64, 16, 2, 8, 64, ALIGNED | CAUSAL},
      {1, 2, 131, 24, 1, 30, 131, ALIGNED | CAUSAL | DROPOUT},
      {1, 1, 300, 200, 2, 80, 300, ALIGNED | CAUSAL},
      {2, 2, 256, 64, 4, 64, 256, ALIGNED | CAUSAL | FEW | PADDED},
      {1, 1, 1100, 16, 3, 16, 1100, ALIGNED | CAUSAL}, /* of segments */
      {2, 1, 515, 32, 2, 16, 515, ALIGNED | CAUSAL | ALONE | DROPOUT}}},
    {"attention a position at a time",
     run_steps,
     1e-5,
     WHY,
     {{1, 1, 1, 1, 1, 1, 0, ALIGNED | CAUSAL},
      {2, 3, 37, 7, 3, 4, 20, ALIGNED | CAUSAL | PART},
      {2, 2, 200, 64, 4, 64, 150, ALIGNED | CAUSAL},
      {3, 1, 130, 24, 1, 30, 99, ALIGNED | CAUSAL},
      {2, 2, 200, 64, 4, 64, 150, CAUSAL},
      {2, 2, 300, 16, 1, 1, 270, FULL | CAUSAL},
      {2, 3, 61, 16, 1, 7, 31, LOCAL | CAUSAL | PART},
      {1, 1, 300, 64, 1, 64, 250, LOCAL | CAUSAL}}},
    {"local attention a position at a time, the last ones kept",
     run_steps,
     1e-5,
     WHY,
     {{2, 3, 61, 16, 1, 3, 31, LOCAL | CAUSAL | RING | PART},
      {3, 1, 130, 24, 1, 7, 5, LOCAL | CAUSAL | RING},
      {1, 2, 60, 16, 1, 32, 40, LOCAL | CAUSAL | RING},
      {2, 1, 130, 24, 1, 7, 40, LOCAL | CAUSAL | RING | BACK},
      {2, 1, 130, 24, 1, 7, 40, LOCAL | CAUSAL | RING | OWN},
      {2, 2, 61, 16, 1, 4, 31, LOCAL | CAUSAL | BACK | PART}}},
    {"attention a position at a time, by chunks",
     run_steps,
     1e-5,
     WHY,
     {{2, 3, 37, 7, 3, 4, 20, CAUSAL | PART},
      {2, 1, 90, 16, 3, 8, 60, CAUSAL | ONCE},
      {2, 2, 90, 16, 3, 8, 60, CAUSAL | WITHIN},
      {2, 1, 90, 16, 3, 8, 0, CAUSAL | ONCE | WITHIN}}},
    {"full attention",
     run_attend,
     1e-5,
     WHY,
     {{1, 1, 1, 1, 1, 1, 1, FULL},
      {2, 3, 37, 7, 1, 1, 30, FULL | CAUSAL | PADDED | PART},
      {2, 2, 64, 16, 1, 1, 64, FULL},
      {1, 2, 131, 24, 1, 1, 131, FULL | CAUSAL},
      {1, 1, 700, 16, 1, 1, 600, FULL | CAUSAL | PADDED},
      {1, 1, 1100, 64, 1, 1, 1100, FULL | CAUSAL},
      {1, 1, 515, 32, 1, 1, 515, FULL | PADDED},
      {1, 1, 300, 200, 1, 1, 1, FULL | CAUSAL}}},
    {"local attention",
     run_attend,
     1e-5,
     WHY,
     {{1, 1, 3, 1, 1, 1, 3, LOCAL},
      {2, 3, 37, 7, 1, 4, 30, LOCAL | CAUSAL | PADDED | PART},
      {2, 2, 64, 16, 1, 8, 64, LOCAL},
      {1, 1, 700, 16, 1, 40, 600, LOCAL | CAUSAL | PADDED},
      {1, 1, 700, 16, 1, 90, 700, LOCAL | PADDED},
      {1, 1, 1100, 64, 1, 64, 1100, LOCAL | CAUSAL},
      {1, 2, 384, 32, 1, 64, 384, LOCAL}}},
    {"local attention, none or three windows before",
     run_attend,
     1e-5,
     WHY,
     {{2, 3, 37, 7, 1, 4, 30, LOCAL | CAUSAL | PADDED | PART | BACK},
      {2, 3, 37, 7, 1, 2, 30, LOCAL | PADDED | PART | OWN},
      {1, 1, 700, 16, 1, 40, 600, LOCAL | CAUSAL | PADDED | OWN},
      {1, 1, 700, 16, 1, 40, 700, LOCAL | BACK},
      {1, 1, 1100, 64, 1, 64, 1100, LOCAL | CAUSAL | BACK},
      {2, 2, 130, 16, 1, 4, 130, LOCAL | ALONE | MEAN | BACK},
      {2, 2, 130, 16, 1, 4, 130, LOCAL | ALONE | MEAN_IF_ALONE | OWN}}},
    {"local attention, means for padding",
     run_attend,
     1e-5,
     WHY,
     {{2, 3, 37, 7, 1, 4, 30, LOCAL | CAUSAL | PADDED | PART | MEAN},
      {2, 3, 37, 7, 1, 4, 30, LOCAL | CAUSAL | PADDED | PART | MEAN_IF_ALONE},
      {2, 2, 130, 16, 1, 16, 130, LOCAL | ALONE | MEAN},
      {2, 2, 130, 16, 1, 4, 130, LOCAL | ALONE | MEAN_IF_ALONE},
      {2, 2, 130, 16, 1, 4, 130, LOCAL | CAUSAL | ALONE | MEAN_IF_ALONE},
      {1, 1, 700, 16, 1, 40, 600, FEW | LOCAL | PADDED | MEAN},
      {1, 1, 700, 16, 1, 10, 600, LOCAL | PADDED | MEAN_IF_ALONE}}},
};

/*
 * A number rounded to bfloat16, to 8 bits, is off by up to 2^-8 of itself, and by d = 0.0017 as
 * a root mean square: 2^-8 / sqrt(3), less by sqrt(3 / (8 ln 2)) as numbers lie between powers
 * of two. A sum of products of two such numbers with signs of their own is off by sqrt(2) d of
 * its rms: so are outputs, of probabilities and values, and gradients of values. Those of
 * queries and keys have two factors more, grad_o . v: 2 d = 0.0033. Logits add less, d sqrt(2 /
 * D). A quarter of the tolerance is twice that. The worst of 10^5 elements is 4.5 times as far
 * off, 0.015, in a row of the array's rms, and rows have up to twice that.
 */
#define NARROW                                                                                 \
    "9 times the 0.0033 of sums of four factors of 8 bits; float32 where these are not to be " \
    "had"

static const struct row narrow_rows[] = {
    {"attention in bfloat16",
     run_attend,
     3e-2,
     NARROW,
     {{1, 1, 16, 8, 1, 8, 16, 0},
      {2, 2, 30, 5, 3, 3, 22, PADDED | PART},
      {2, 2, 96, 40, 3, 24, 96, CAUSAL},
      {1, 2, 256, 64, 4, 64, 256, WITHIN | ONCE | DROPOUT},
      {1, 1, 320, 200, 2, 80, 320, 0},
      {1, 2, 128, 32, 2, 32, 128, 0},
      {1, 2, 531, 24, 1, 1, 500, FULL | CAUSAL | PADDED | DROPOUT},
      {1, 1, 700, 16, 1, 40, 600, LOCAL | PADDED}}},
    {"attention in bfloat16, heads of all sizes",
     run_attend,
     3e-2,
     NARROW,
     {{1, 1, 67, 17, 1, 1, 67, FULL},
      {1, 1, 70, 256, 1, 1, 66, FULL | PADDED},
      {1, 2, 66, 33, 2, 33, 66, PADDED},
      {1, 1, 130, 100, 2, 65, 130, 0},
      {1, 1, 67, 16, 1, 3, 67, LOCAL},
      {1, 1, 100, 128, 1, 20, 90, LOCAL | PADDED | DROPOUT},
      {2, 1, 129, 130, 1, 43, 120, DROPOUT},
      {1, 1, 128, 256, 2, 64, 128, 0}}},
    {"causal attention in bfloat16, heads of all sizes",
     run_attend,
     6e-2,
     "the same; early positions meet few keys, so that their rows are four times the rms",
     {{1, 1, 81, 16, 2, 27, 77, CAUSAL},
      {1, 1, 67, 130, 1, 16, 67, ALIGNED | CAUSAL},
      {1, 1, 96, 128, 2, 24, 96, CAUSAL | WITHIN},
      {1, 2, 131, 100, 1, 1, 131, FULL | CAUSAL},
      {2, 1, 61, 64, 1, 5, 61, LOCAL | CAUSAL},
      {1, 1, 80, 256, 1, 11, 80, LOCAL | CAUSAL | BACK},
      {1, 1, 90, 200, 2, 32, 90, ALIGNED | CAUSAL},
      {1, 1, 128, 256, 2, 64, 128, CAUSAL | PADDED}}},
    {"attention by aligned chunks in bfloat16",
     run_attend,
     6e-2,
     "the same",
     {{1, 1, 16, 8, 1, 8, 16, ALIGNED | CAUSAL},
      {2, 2, 96, 40, 3, 24, 96, ALIGNED | CAUSAL | PADDED},
      {1, 1, 200, 200, 2, 80, 200, ALIGNED | CAUSAL},
      {1, 2, 300, 64, 2, 64, 300, ALIGNED | CAUSAL | DROPOUT},
      {1, 1, 131, 100, 2, 30, 131, ALIGNED | CAUSAL | PADDED}}},
    {"attention in bfloat16, few queries asked",
     run_attend,
     6e-2,
     "the same, of an rms that the queries not asked make half as large",
     {{2, 2, 96, 40, 3, 24, 96, FEW},
      {1, 2, 256, 64, 4, 64, 256, FEW | CAUSAL},
      {1, 2, 300, 64, 1, 1, 300, FEW | FULL | CAUSAL}}},
};

/* Where all scores are equal the lowest bucket takes all. */
static void ties_go_to_the_lowest(void **state)
{
    struct attend_dims s = lsh_dims(1, 1, 8, 3, 2, 1, false);
    struct hash_dims hash = lsh_hash_dims(&s);
    const float rot[3 * 2 * 4] = {1, -1};
    const int32_t zeros[2 * 8] = {0};

    (void)state;
    for (int kind = NN_CPU; kind <= NN_REF; kind++) {
        int32_t *bucket;
        struct trial t;

        assert_true(begin_trial(&t, kind, 1));
        bucket = out_int(&t, 2 * 8);
        t.op->lsh_hash(t.nn, bucket, given(&t, GIVEN, NULL, 8 * 3 * sizeof *rot),
                       given(&t, GIVEN, rot, sizeof rot), &hash);
        assert_memory_equal(get(&t, bucket), zeros, sizeof zeros);
        end_trial(&t);
    }
}

/* Put the last position, and step to it. */
static void put_last(struct trial *t, const struct attend_past *past, const float *qk,
                     const float *v, const int32_t *bucket, const struct attend_dims *all,
                     float *o)
{
    struct attend_dims s = *all;
    size_t last = s.T - 1;
    int32_t *own = in_index(t, s.R, 1), *to = get(t, own), *from = get(t, bucket);

    for (size_t r = 0; r < s.R; r++)
        to[r] = from[r * s.T + last];
    put(t, own);
    s.T = s.queries = 1;
    t->op->attend_put(t->nn, past, qk + last * s.D, v + last * s.D, own, last, &s);
    t->op->attend_step(t->nn, o, past, own, last, &s);
}

/* The last position of whole chunks meets the same keys as a step as among all of them. */
static void a_step_is_the_last_of_all(void **state)
{
    enum { T = 96, D = 16, N = T / 8 };
    static const struct {
        bool across, duplicates;
    } ways[] = {{true, true}, {true, false}, {false, true}, {false, false}};

    (void)state;
    for (size_t i = 0; i < 4 * 3; i++) {
        struct attend_dims s = lsh_dims(1, 1, T, D, 1 + i / 4, 8, true);
        float *qk, *v, *all, *last, *a, *b;
        int32_t *bucket, *order;
        struct attend_past past;
        struct trial t;

        s.across = ways[i % 4].across;
        s.duplicates = ways[i % 4].duplicates;
        assert_true(begin_trial(&t, NN_CPU, 1));
        qk = in(&t, T * D);
        v = in(&t, T * D);
        order = some_order(&t, &s, &bucket);
        past = (struct attend_past){.B = 1,
                                    .common = T - 1,
                                    .own = 1,
                                    .rows = T,
                                    .room = T,
                                    .N = N,
                                    .qk = given(&t, OTHER, NULL, T * D * sizeof(float)),
                                    .v = given(&t, OTHER, NULL, T * D * sizeof(float)),
                                    .inv = given(&t, OTHER, NULL, T * sizeof(float)),
                                    .recent = given(&t, OTHER, NULL, s.R * T * sizeof(int32_t)),
                                    .count = given(&t, OTHER, NULL, s.R * N * sizeof(int32_t))};
        t.op->attend_fwd(t.nn, all = out(&t, T * D), out(&t, 2 * T), qk, v, order, bucket, NULL,
                         &s);
        s.queries = T - 1;
        t.op->attend_put(t.nn, &past, qk, v, bucket, 0, &s);
        put_last(&t, &past, qk, v, bucket, &s, last = out(&t, D));
        a = get(&t, all + (T - 1) * D);
        b = get(&t, last);
        for (size_t d = 0; d < D; d++)
            assert_true(fabsf(a[d] - b[d]) < 1e-5F);
        end_trial(&t);
    }
}

/* Of causal attention, position 0 sees only itself, and a padded position too. */
static void lonely_sees_itself(void **state)
{
    enum { T = 32, D = 16 };
    struct attend_dims s = lsh_dims(1, 1, T, D, 2, 8, true);

    (void)state;
    for (int kind = NN_CPU; kind <= NN_REF; kind++) {
        int32_t *bucket, *order;
        float *qk, *v, *o;
        struct trial t;

        assert_true(begin_trial(&t, kind, 1));
        qk = in(&t, T * D);
        v = in(&t, T * D);
        o = out(&t, T * D);
        order = some_order(&t, &s, &bucket);
        t.op->attend_fwd(t.nn, o, out(&t, 2 * T), qk, v, order, NULL,
                         some_padding(&t, &s, false), &s);
        assert_memory_equal(get(&t, o), get(&t, v), D * sizeof *o);
        assert_memory_equal(get(&t, o + (T - 2) * D), get(&t, v + (T - 2) * D), D * sizeof *o);
        end_trial(&t);
    }
}

/* In bfloat16 a device multiplies probabilities, here 1, by values that are rounded. */
static void values_are_rounded(void **state)
{
    enum { T = 32, D = 24 };
    struct attend_dims s = lsh_dims(1, 1, T, D, 2, 8, true);
    int32_t *bucket, *order;
    const float *qk, *v;
    struct trial t;
    float *o;

    (void)state;
    assert_true(begin_trial(&t, getenv("RF_TEST_DEVICE") ? PLUGIN : NN_CPU, 1));
    if (t.nn->about.dtype != NN_BF16) {
        end_trial(&t);
        skip();
    }
    qk = in(&t, T * D);
    v = in(&t, T * D);
    o = out(&t, T * D);
    order = some_order(&t, &s, &bucket);
    t.op->attend_fwd(t.nn, o, out(&t, 2 * T), qk, v, order, NULL, NULL, &s);
    for (size_t d = 0; d < D; d++) { /* of position 0, which sees itself alone */
        float want = ((float *)get(&t, v))[d];
        uint32_t u;

        memcpy(&u, &want, sizeof u);
        u = (u + 0x7fffU + (u >> 16 & 1)) & 0xffff0000U;
        memcpy(&want, &u, sizeof u);
        assert_true(((float *)get(&t, o))[d] == want);
    }
    end_trial(&t);
}

/* A key shorter than 1e-12 is not made a unit: its gradient is that of qk / 1e-12, 1e12 times
 * as large as others', so it is compared apart. */
static void short_keys(void **state)
{
    enum { T = 32, D = 16, ZERO = 5, TINY = 9 };
    struct attend_dims s = lsh_dims(1, 1, T, D, 2, 8, false);
    float dqk[2][T * D], dv[2][T * D];

    (void)state;
    for (int kind = NN_CPU; kind <= NN_REF; kind++) {
        float *qk, *v, *o, *stat, *dqk_there, *dv_there, *x;
        int32_t *bucket, *order;
        struct trial t;

        assert_true(begin_trial(&t, kind, 1));
        qk = in(&t, T * D);
        v = in(&t, T * D);
        o = out(&t, T * D);
        stat = out(&t, 2 * T);
        dqk_there = out(&t, T * D);
        dv_there = out(&t, T * D);
        order = some_order(&t, &s, &bucket);
        x = get(&t, qk);
        for (size_t i = 0; i < D; i++) {
            x[ZERO * D + i] = 0;
            x[TINY * D + i] *= 1e-13F;
        }
        put(&t, qk);
        t.op->attend_fwd(t.nn, o, stat, qk, v, order, NULL, NULL, &s);
        t.op->attend_bwd(t.nn, dqk_there, dv_there, in(&t, T * D), o, stat, qk, v, order, NULL,
                         NULL, &s);
        memcpy(dqk[kind], get(&t, dqk_there), sizeof dqk[kind]);
        memcpy(dv[kind], get(&t, dv_there), sizeof dv[kind]);
        end_trial(&t);
    }
    close_floats(dv[NN_REF], dv[NN_CPU], T * D, 1e-5, "dv");
    for (size_t i = 0; i < T; i++) {
        char where[32];

        snprintf(where, sizeof where, "dqk of position %zu", i);
        close_floats(dqk[NN_REF] + i * D, dqk[NN_CPU] + i * D, D, 1e-4, where);
    }
}

/* A trial of attention with dropout, whose heads are computed `each` at a time. */
static struct trial in_groups(const struct attend_dims *all, size_t each)
{
    struct attend_dims s = *all;
    size_t one = s.T * s.D, n = s.H * one;
    float *qk, *v, *grad_o, *o, *stat, *dqk, *dv;
    int32_t *bucket, *order;
    struct trial t;

    assert_true(begin_trial(&t, NN_CPU, 2));
    qk = in(&t, n);
    v = in(&t, n);
    grad_o = in(&t, n);
    o = out(&t, n);
    stat = out(&t, 2 * s.H * s.T);
    dqk = out(&t, n);
    dv = out(&t, n);
    order = some_order(&t, &s, &bucket);
    s.H = each;
    for (size_t h = 0; h < all->H; h += each) {
        const int32_t *sorted = order + h * s.R * s.T;
        float *of_head = stat + 2 * h * s.T;
        size_t at = h * one;

        s.first_head = h;
        t.op->attend_fwd(t.nn, o + at, of_head, qk + at, v + at, sorted, NULL, NULL, &s);
        t.op->attend_bwd(t.nn, dqk + at, dv + at, grad_o + at, o + at, of_head, qk + at, v + at,
                         sorted, NULL, NULL, &s);
    }
    finish_trial(&t, "attention");
    return t;
}

/* With dropout a head has the same bits alone as among others: cut and drawn by itself. */
static void a_head_is_the_same_in_any_group(void **state)
{
    struct attend_dims s = lsh_dims(1, 3, 512, 16, 2, 8, false);
    struct trial alone, together;

    (void)state;
    s.dropout = 1.0F / 3;
    s.draw = rng_stream(7, 7, 7, RNG_TEST);
    alone = in_groups(&s, 1);
    together = in_groups(&s, 3);
    same_bits(&alone, &together, "groups");
    end_trial(&alone);
    end_trial(&together);
}

int main(void)
{
    const struct CMUnitTest others[] = {
        cmocka_unit_test(a_head_is_the_same_in_any_group),
        cmocka_unit_test(ties_go_to_the_lowest), cmocka_unit_test(a_step_is_the_last_of_all),
        cmocka_unit_test(lonely_sees_itself), cmocka_unit_test(short_keys)};
    const struct CMUnitTest narrow[] = {cmocka_unit_test(values_are_rounded)};
    int failed;

    SKIP_UNDER_TSAN();
    failed = run_rows("lsh", rows, sizeof rows / sizeof *rows) +
             cmocka_run_group_tests(others, NULL, NULL);
    trial_dtype = NN_BF16;
    return failed + cmocka_run_group_tests(narrow, NULL, NULL) +
           run_rows("lsh", narrow_rows, sizeof narrow_rows / sizeof *narrow_rows);
}
