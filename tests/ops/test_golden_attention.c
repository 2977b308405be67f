/* test_golden_attention.c: attention, hashing and rotary positions against reformer-pytorch,
 * local-attention and the Hugging Face model in float64; see tests/golden/reformer/README. */
#include "trial.h"

#include "ckpt/safetensors.h"
#include "shapes.h"

enum { B = 2, H = 2, T = 32, D = 8, C = 4, R = 3, QUERIES = 24 }; /* of make_attention.py */

/* The last is there where RF_TEST_DEVICE names it. */
static const int KINDS[] = {NN_REF, NN_CPU, NN_AVX2, NN_PLAIN, PLUGIN};

static struct st_file *open_golden(const char *name)
{
    struct st_file *f;
    char path[512];

    snprintf(path, sizeof path, "%s/tests/golden/reformer/%s", getenv("ROOT"), name);
    assert_int_equal(st_open(&f, path, NULL), RF_OK);
    return f;
}

static const struct st_view *find(struct st_file *f, const char *of, const char *name)
{
    char full[64];
    const struct st_view *v;

    snprintf(full, sizeof full, "%s%s%s", of, *of ? "." : "", name);
    v = st_find(f, full);
    if (!v)
        fail_msg("no tensor '%s'", full);
    return v;
}

static const void *data(struct st_file *f, const char *of, const char *name)
{
    return find(f, of, name)->data;
}

/* --- reformer-pytorch 1.1.3, its defaults */

/* A tensor of the file on the device. */
static void *there(struct trial *t, struct st_file *f, const char *of, const char *name)
{
    const struct st_view *v = find(f, of, name);

    return given(t, GIVEN, v->data, v->bytes);
}

static void check_plain(struct st_file *f, bool causal, int kind)
{
    const struct st_view *shape = find(f, "", "qk");
    struct attend_dims s =
        lsh_dims(shape->shape[0], 1, shape->shape[1], shape->shape[2], 4, 8, causal);
    struct hash_dims hash = lsh_hash_dims(&s);
    size_t slots = s.B * s.R * s.T, n = s.B * s.T * s.D;
    const char *of = causal ? "causal" : "full";
    float *qk, *v, *o, *stat, *dqk, *dv;
    int32_t *bucket, *order;
    struct trial t;

    if (!begin_trial(&t, kind, 1))
        return;
    bucket = out_int(&t, slots);
    order = out_int(&t, slots);
    o = out(&t, n);
    stat = out(&t, 2 * s.B * s.T);
    dqk = out(&t, n);
    dv = out(&t, n);
    qk = there(&t, f, "", "qk");
    v = there(&t, f, "", "v");
    t.op->lsh_hash(t.nn, bucket, qk, there(&t, f, "", "rot"), &hash);
    assert_memory_equal(get(&t, bucket), data(f, "", "buckets"), slots * sizeof *bucket);
    t.op->lsh_sort(t.nn, order, bucket, s.B * s.R, s.T, hash_buckets(&hash));
    t.op->attend_fwd(t.nn, o, stat, qk, v, order, NULL, NULL, &s);
    close_floats(data(f, "out", of), get(&t, o), n, 1e-5, of);
    t.op->attend_bwd(t.nn, dqk, dv, there(&t, f, "", "dout"), o, stat, qk, v, order, NULL, NULL,
                     &s);
    close_floats(data(f, "dqk", of), get(&t, dqk), n, 1e-4, of);
    close_floats(data(f, "dv", of), get(&t, dv), n, 1e-4, of);
    end_trial(&t);
}

static void defaults(void **state)
{
    struct st_file *f = open_golden("attn.safetensors");

    (void)state;
    for (int causal = 0; causal < 2; causal++)
        for (size_t k = 0; k < sizeof KINDS / sizeof *KINDS; k++)
            check_plain(f, causal, KINDS[k]);
    st_close(f);
}

/* --- reformer-pytorch 1.4.4 and local-attention 1.11.2, every option */

struct option {
    const char *name;
    enum attend_kind kind;
    bool causal, within, once, masked; /* within: the bucket; once: no duplicates */
    size_t queries;
    const char *rot; /* LSH */
    size_t rots;
    size_t rounds, length, rows; /* 0: all */
};

static const struct option options[] = {
    {"lsh", ATTEND_LSH, 0, 0, 0, 0, T, "rot", 1, 0, 0, 0},
    {"lsh_within", ATTEND_LSH, 0, 1, 0, 0, T, "rot", 1, 0, 0, 0},
    {"lsh_once", ATTEND_LSH, 0, 0, 1, 0, T, "rot", 1, 0, 0, 0},
    {"lsh_within_once", ATTEND_LSH, 1, 1, 1, 0, T, "rot", 1, 0, 0, 0},
    {"lsh_own", ATTEND_LSH, 0, 0, 0, 0, T, "rot_of_row", B *H, 0, 0, 0},
    {"lsh_memory", ATTEND_LSH, 1, 0, 0, 1, QUERIES, "rot", 1, 0, 0, 0},
    {"lsh_two", ATTEND_LSH, 0, 0, 1, 0, 2 * C, "rot_of_two", 1, 1, 2 * C, 2},
    {"full", ATTEND_FULL, 0, 0, 0, 0, T, NULL, 0, 0, 0, 0},
    {"full_causal", ATTEND_FULL, 1, 0, 0, 0, T, NULL, 0, 0, 0, 0},
    {"full_memory", ATTEND_FULL, 1, 0, 0, 1, QUERIES, NULL, 0, 0, 0, 0},
    {"full_masked", ATTEND_FULL, 0, 0, 0, 1, T, NULL, 0, 0, 0, 0},
    {"local", ATTEND_LOCAL, 0, 0, 0, 0, QUERIES, NULL, 0, 0, 0, 0},
    {"local_causal", ATTEND_LOCAL, 1, 0, 0, 0, QUERIES, NULL, 0, 0, 0, 0},
    {"local_masked", ATTEND_LOCAL, 0, 0, 0, 1, QUERIES, NULL, 0, 0, 0, 0},
    {"local_causal_masked", ATTEND_LOCAL, 1, 0, 0, 1, QUERIES, NULL, 0, 0, 0, 0},
};

static struct attend_dims dims_of(const struct option *x)
{
    size_t rows = x->rows ? x->rows : B * H;

    return (struct attend_dims){.kind = x->kind,
                                .B = rows / H,
                                .H = H,
                                .heads = H,
                                .T = x->length ? x->length : T,
                                .D = D,
                                .queries = x->queries,
                                .R = x->rounds ? x->rounds : R,
                                .C = C,
                                .back = 1,
                                .causal = x->causal,
                                .across = !x->within,
                                .duplicates = !x->once};
}

/* The first positions of each row of an input; past `queries` NaN, if that is not T. */
static float *cut(struct trial *t, struct st_file *f, const char *name,
                  const struct attend_dims *s, size_t queries)
{
    float *rows = out(t, s->B * s->H * s->T * D), *x = get(t, rows);
    const float *from = data(f, "", name);

    for (size_t row = 0; row < s->B * s->H; row++)
        memcpy(x + row * s->T * D, from + row * T * D, queries * D * sizeof *x);
    put(t, rows);
    return rows;
}

/* Rows that are not in the file have to be 0. */
static void expect(struct st_file *f, const struct option *x, const char *name, float *got,
                   const struct attend_dims *s, double tolerance)
{
    const struct st_view *v = find(f, x->name, name);
    char where[64];

    snprintf(where, sizeof where, "%s.%s", x->name, name);
    assert_int_equal(v->shape[0], s->B * s->H);
    for (size_t row = 0; row < s->B * s->H; row++) {
        for (size_t i = v->shape[1] * D; i < s->T * D; i++)
            if (got[row * s->T * D + i] != 0)
                fail_msg("%s: row %zu has something at %zu", where, row, i);
        memmove(got + row * v->shape[1] * D, got + row * s->T * D,
                v->shape[1] * D * sizeof *got);
    }
    close_floats(v->data, got, s->B * s->H * v->shape[1] * D, tolerance, where);
}

/* What padded queries give is nobody's concern. */
static void clear_padded(const struct trial *t, float *at, const uint8_t *real,
                         const struct attend_dims *s)
{
    float *x = get(t, at);

    for (size_t i = 0; i < s->B * s->H * s->T; i++)
        if (!real[i / s->T / H * T + i % s->T])
            memset(x + i * D, 0, D * sizeof *x);
    put(t, at);
}

static void hash_and_sort(struct trial *t, struct st_file *f, const struct option *x,
                          const struct attend_dims *s, const float *qk, int32_t *bucket,
                          int32_t *order)
{
    struct hash_dims hash = lsh_hash_dims(s);
    size_t rows = s->B * s->H * s->R;

    hash.rots = x->rots;
    t->op->lsh_hash(t->nn, bucket, qk, there(t, f, "", x->rot), &hash);
    assert_memory_equal(get(t, bucket), data(f, x->name, "buckets"),
                        rows * s->T * sizeof *bucket);
    t->op->lsh_sort(t->nn, order, bucket, rows, s->T, hash_buckets(&hash));
}

static void check_option(struct st_file *f, const struct option *x, int kind)
{
    struct attend_dims s = dims_of(x);
    size_t n = s.B * s.H * s.T * D, slots = s.B * s.H * s.R * s.T;
    const uint8_t *padding = x->masked ? data(f, "", "real") : NULL, *real;
    float *qk, *v, *grad_o, *o, *stat, *dqk, *dv;
    int32_t *bucket, *order;
    struct trial t;

    if (!begin_trial(&t, kind, 1))
        return;
    bucket = out_int(&t, slots);
    order = out_int(&t, slots);
    o = out(&t, n);
    stat = out(&t, 2 * n / D);
    dqk = out(&t, n);
    dv = out(&t, n);
    qk = cut(&t, f, "qk", &s, s.T);
    v = cut(&t, f, "v", &s, s.T);
    grad_o = cut(&t, f, "dout", &s, s.queries);
    real = padding ? there(&t, f, "", "real") : NULL;
    if (s.kind == ATTEND_LSH)
        hash_and_sort(&t, f, x, &s, qk, bucket, order);
    t.op->attend_fwd(t.nn, o, stat, qk, v, order, bucket, real, &s);
    if (padding)
        clear_padded(&t, grad_o, padding, &s);
    t.op->attend_bwd(t.nn, dqk, dv, grad_o, o, stat, qk, v, order, bucket, real, &s);
    if (padding)
        clear_padded(&t, o, padding, &s);
    expect(f, x, "out", get(&t, o), &s, 1e-5);
    expect(f, x, "dqk", get(&t, dqk), &s, 1e-4);
    expect(f, x, "dv", get(&t, dv), &s, 1e-4);
    end_trial(&t);
}

static void every_option(void **state)
{
    struct st_file *f = open_golden("attention.safetensors");

    (void)state;
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        for (size_t k = 0; k < sizeof KINDS / sizeof *KINDS; k++)
            check_option(f, &options[i], KINDS[k]);
    st_close(f);
}

static void two_factors(void **state)
{
    struct st_file *f = open_golden("attention.safetensors");
    struct hash_dims s = {.B = B, .H = H, .T = T, .D = D, .heads = H, .R = R};

    (void)state;
    s.all_heads = s.rots = H;
    s.n1 = 4;
    s.n2 = 6;
    for (size_t k = 0; k < sizeof KINDS / sizeof *KINDS; k++) {
        int32_t *bucket;
        struct trial t;

        if (!begin_trial(&t, KINDS[k], 1))
            continue;
        bucket = out_int(&t, B * H * R * T);
        t.op->lsh_hash(t.nn, bucket, there(&t, f, "", "qk"), there(&t, f, "factors", "rot"),
                       &s);
        assert_memory_equal(get(&t, bucket), data(f, "factors", "buckets"),
                            B * H * R * T * sizeof *bucket);
        end_trial(&t);
    }
    st_close(f);
}

static void rotary_and_back(void **state)
{
    struct st_file *f = open_golden("attention.safetensors");

    (void)state;
    for (size_t k = 0; k < sizeof KINDS / sizeof *KINDS; k++) {
        struct trial t;
        float *x;

        if (!begin_trial(&t, KINDS[k], 1))
            continue;
        x = there(&t, f, "", "qk");
        t.op->rotary(t.nn, x, 1, B, H, H, 0, T, D, QUERIES);
        close_floats(data(f, "rotary", "out"), get(&t, x), B * H * T * D, 1e-6, "rotary");
        t.op->rotary(t.nn, x, -1, B, H, H, 0, T, D, QUERIES);
        close_floats(data(f, "", "qk"), get(&t, x), B * H * T * D, 1e-6, "and back");
        end_trial(&t);
    }
    st_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(every_option),
        cmocka_unit_test(two_factors),
        cmocka_unit_test(rotary_and_back),
    };

    SKIP_UNDER_TSAN();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
