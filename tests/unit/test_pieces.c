/* test_pieces.c: how blocks are cut, and that an optimiser in parts is the whole one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "train/optim.h"

enum { VOCAB = 1500, LEN = 8, PARTS_MAX = 16 };

static struct model_cfg wide(void)
{
    struct model_cfg m = rf_config_default.model;

    m.dim = 48;
    m.depth = 2;
    m.heads = 3;
    m.chunk = 4;
    return m;
}

static struct optim_cfg optimiser(int kind, bool clip_update)
{
    struct optim_cfg c = rf_config_default.optim;

    c.kind = kind;
    c.clip_update = clip_update;
    c.first_moment = true;
    c.ema = 0.9;
    return c;
}

/* --- pieces */

/* Pieces cover the block, and in the other order span after span. */
static void check_cover(const struct pieces *p, const struct params *all)
{
    size_t at = 0, span = 0;
    bool *seen = calloc(p->n, sizeof *seen);

    assert_non_null(seen);
    for (size_t i = 0; i < p->n; i++) {
        assert_int_equal(p->at[i].offset, at);
        assert_true(p->at[i].floats > 0);
        at += p->at[i].floats;
    }
    assert_int_equal(at, all->floats);
    for (size_t i = 0; i < p->n; i++) {
        const struct piece *one = &p->at[p->order[i]];
        struct params_span s = params_span(all, span);

        if (one->offset < s.offset || one->offset >= s.offset + s.floats)
            s = params_span(all, ++span);
        assert_true(one->offset >= s.offset &&
                    one->offset + one->floats <= s.offset + s.floats);
        assert_false(seen[p->order[i]]);
        seen[p->order[i]] = true;
    }
    assert_int_equal(span, params_spans(all) - 1);
    free(seen);
}

/* How many pieces begin within a tensor of two dimensions. */
static size_t cuts(const struct pieces *p, const struct params *all, bool inner)
{
    size_t n = 0;

    for (size_t i = 0; i < p->n; i++)
        for (size_t k = 0; k < all->n; k++) {
            const struct param *of = &all->p[k];
            size_t at = p->at[i].offset;

            if (of->inner != inner || at <= of->offset || at >= of->offset + of->count)
                continue;
            assert_int_equal((at - of->offset) % 8192, 0);
            n++;
        }
    return n;
}

static void pieces_cover_a_block(void **state)
{
    const struct model_cfg m = wide();
    struct params all;
    struct pieces p;

    (void)state;
    assert_int_equal(params_new(&all, &m, LEN, VOCAB, NULL), RF_OK);
    for (int kind = OPTIM_ADAMW; kind <= OPTIM_MUON; kind++)
        for (int clip = 0; clip < 2; clip++) {
            const struct optim_cfg c = optimiser(kind, clip);

            assert_int_equal(pieces_new(&p, &all, &c, 4, NULL), RF_OK);
            check_cover(&p, &all);
            if (kind == OPTIM_ADAFACTOR || (clip && kind != OPTIM_LION))
                assert_int_equal(cuts(&p, &all, false), 0);
            else
                assert_true(cuts(&p, &all, false) > 4);
            if (kind == OPTIM_MUON)
                assert_int_equal(cuts(&p, &all, true), 0);
            pieces_free(&p);
        }
    params_free(&all);
}

static void parts_are_about_equal(void **state)
{
    const struct model_cfg m = wide();
    const struct optim_cfg c = optimiser(OPTIM_ADAMW, false);
    struct params all;
    struct pieces p;

    (void)state;
    assert_int_equal(params_new(&all, &m, LEN, VOCAB, NULL), RF_OK);
    for (size_t parts = 1; parts <= PARTS_MAX; parts *= 2) {
        assert_int_equal(pieces_new(&p, &all, &c, parts, NULL), RF_OK);
        assert_int_equal(p.border[0], 0);
        assert_int_equal(p.border[parts], all.floats);
        for (size_t i = 0; i < parts; i++) {
            size_t n = p.border[i + 1] - p.border[i], fair = all.floats / parts;

            assert_true(p.border[i] <= p.border[i + 1]);
            assert_true(n <= fair + 8192 && n + 8192 >= fair);
            assert_int_equal(p.first[i] < p.n ? p.at[p.first[i]].offset : all.floats,
                             p.border[i]);
        }
        pieces_free(&p);
    }
    /* more parts than pieces: some are empty */
    assert_int_equal(pieces_new(&p, &all, &c, 1024, NULL), RF_OK);
    assert_true(p.n < 1024);
    assert_int_equal(p.border[1024], all.floats);
    pieces_free(&p);
    params_free(&all);
}

/* --- an optimiser in parts */

struct made {
    float *w;      /* weights */
    float *states; /* all of them, tensor after tensor */
};

/* Make some updates in so many parts, each by an optimiser of its own. */
static struct made update(struct nn *nn, const struct params *all, const struct optim_cfg *c,
                          size_t parts)
{
    static const float scale = 0.5F;
    const struct params_span whole = params_all(all);
    struct made m = {calloc(all->floats, sizeof(float)), NULL};
    float *grad = calloc(all->floats, sizeof *grad);
    struct pieces p;

    m.states = calloc(1, optim_bytes(c, all, NULL) + 1);
    assert_true(m.w && m.states && grad);
    assert_int_equal(pieces_new(&p, all, c, parts, NULL), RF_OK);
    params_init(all, nn, m.w, 7);
    for (size_t i = 0; i < parts; i++) {
        const struct params_part part = pieces_part(&p, i);
        struct optim o;
        size_t n, at = 0;

        assert_int_equal(optim_new_part(&o, nn, all, c, &part, NULL), RF_OK);
        for (uint64_t k = 1; k <= 3; k++) {
            nn->ops->fill_normal(nn, grad, 0.1F, rng_stream(3, k, 0, RNG_INIT), all->floats);
            optim_step(&o, m.w, &whole, grad, k, 0.01, &scale);
        }
        n = o.n_tensors + all->present;
        for (size_t k = 0; k < n; k++) {
            struct optim_state s = optim_state(&o, k);

            assert_true(s.skip + s.n <= s.floats);
            if (s.n)
                memcpy(m.states + at + s.skip, s.here, s.n * sizeof *s.here);
            at += s.floats;
        }
        assert_true(at * sizeof(float) <= optim_bytes(c, all, NULL));
        optim_free(&o);
    }
    pieces_free(&p);
    free(grad);
    return m;
}

static void parts_make_the_same_update(void **state)
{
    const struct model_cfg m = wide();
    struct params all;
    struct nn *nn;

    (void)state;
    assert_int_equal(nn_open(&nn, NN_CPU, 1, NULL), RF_OK);
    assert_int_equal(params_new(&all, &m, LEN, VOCAB, NULL), RF_OK);
    for (int kind = OPTIM_ADAMW; kind <= OPTIM_MUON; kind++)
        for (int clip = 0; clip < 2; clip++) {
            const struct optim_cfg c = optimiser(kind, clip);
            struct made whole = update(nn, &all, &c, 1);

            for (size_t parts = 2; parts <= PARTS_MAX; parts *= 2) {
                struct made same = update(nn, &all, &c, parts);

                assert_memory_equal(whole.w, same.w, all.floats * sizeof *same.w);
                assert_memory_equal(whole.states, same.states, optim_bytes(&c, &all, NULL));
                free(same.w);
                free(same.states);
            }
            free(whole.w);
            free(whole.states);
        }
    params_free(&all);
    nn_close(nn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(pieces_cover_a_block),
                                       cmocka_unit_test(parts_are_about_equal),
                                       cmocka_unit_test(parts_make_the_same_update)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
