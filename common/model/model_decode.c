#include "model/decode.h"

#include <assert.h>

#include "model/model_parts.h"

static int run(struct model_past *p, const struct model_batch *b, float *logits,
               struct errbuf *eb)
{
    int rc;

    p->m->past = p;
    rc = model_logits(p->m, b, &p->draw, NULL, logits, eb);
    p->m->past = NULL;
    p->drawn = true;
    p->t += b->T;
    return rc;
}

int model_prefill(struct model_past *p, const int32_t *ids, size_t T, float *logits,
                  struct errbuf *eb)
{
    int32_t last = (int32_t)T - 1;
    const struct model_batch b = {.B = 1, .T = T, .ids = ids, .rows = &last, .n = 1};

    assert(T <= p->prompt);
    model_past_clear(p, T);
    return run(p, &b, logits, eb);
}

int model_step(struct model_past *p, const int32_t *ids, float *logits, struct errbuf *eb)
{
    const struct model_batch b = {.B = p->B, .T = 1, .ids = ids, .rows = p->rows, .n = p->B};

    assert(p->t > 0 && p->t < p->of_prompt + p->more);
    p->steps = true;
    return run(p, &b, logits, eb);
}
