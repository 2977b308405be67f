/* test_golden_attention.c: LSH attention alone against reformer-pytorch 1.1.3 in float64; see
 * tests/golden/reformer/README. */
#include "trial.h"

#include "reformer/safetensors.h"
#include "shapes.h"

struct golden {
    struct st_file *f;
    struct attend_dims s;
    size_t n; /* elements of qk */
};

static const void *data(const struct golden *g, const char *name)
{
    const struct st_view *v = st_find(g->f, name);

    if (!v)
        fail_msg("no tensor '%s'", name);
    return v->data;
}

static void expect(const struct golden *g, const char *kind, const float *got, double tolerance)
{
    char name[32];

    snprintf(name, sizeof name, "%s.%s", kind, g->s.causal ? "causal" : "full");
    close_floats(data(g, name), got, g->n, tolerance, name);
}

static void check(const struct golden *g, enum nn_kind kind)
{
    struct trial t = {.poisoned = ARRAYS_MAX};
    const struct attend_dims *s = &g->s;
    struct hash_dims hash = lsh_hash_dims(s);
    size_t slots = s->B * s->R * s->T;
    int32_t *bucket = out_int(&t, slots), *order = out_int(&t, slots);
    float *o = out(&t, g->n), *stat = out(&t, 2 * s->B * s->T), *dqk = out(&t, g->n);
    float *dv = out(&t, g->n);
    const float *qk = data(g, "qk"), *v = data(g, "v");

    assert_int_equal(nn_open(&t.nn, kind, 1, NULL), RF_OK);
    t.op = t.nn->ops;
    t.op->lsh_hash(t.nn, bucket, qk, data(g, "rot"), &hash);
    assert_memory_equal(bucket, data(g, "buckets"), slots * sizeof *bucket);
    t.op->lsh_sort(t.nn, order, bucket, s->B * s->R, s->T, hash_buckets(&hash));
    t.op->attend_fwd(t.nn, o, stat, qk, v, order, NULL, NULL, s);
    expect(g, "out", o, 1e-5);
    t.op->attend_bwd(t.nn, dqk, dv, data(g, "dout"), o, stat, qk, v, order, NULL, NULL, s);
    expect(g, "dqk", dqk, 1e-4);
    expect(g, "dv", dv, 1e-4);
    end_trial(&t);
}

static void equals_reformer_pytorch(void **state)
{
    struct golden g = {0};
    const struct st_view *qk;
    char path[512];

    (void)state;
    snprintf(path, sizeof path, "%s/tests/golden/reformer/attn.safetensors", getenv("ROOT"));
    assert_int_equal(st_open(&g.f, path, NULL), RF_OK);
    qk = st_find(g.f, "qk");
    assert_non_null(qk);
    g.s = lsh_dims(qk->shape[0], 1, qk->shape[1], qk->shape[2], 4, 8, false);
    g.n = g.s.B * g.s.T * g.s.D;
    for (int causal = 0; causal < 2; causal++) {
        g.s.causal = causal;
        check(&g, NN_REF);
        check(&g, NN_CPU);
        check(&g, NN_PLAIN);
    }
    st_close(g.f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(equals_reformer_pytorch)};

    SKIP_UNDER_TSAN();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
