/* model_stack.c: a branch of any kind, between the two streams of the reversible stack. */
#include "model/model_parts.h"

/* Even branches read x2 and add to x1, odd ones read x1 and add to x2. */
static struct flow flow_of(struct model *m, size_t b)
{
    struct work *w = &m->work;

    if (b % 2)
        return (struct flow){b, w->x1, w->x2, w->dx1, w->dx2, &w->kept[b]};
    return (struct flow){b, w->x2, w->x1, w->dx2, w->dx1, &w->kept[b]};
}

static void run_branch(struct model *m, size_t b, bool backward)
{
    struct flow f = flow_of(m, b);
    size_t bytes = m->work.n * m->shape.dim * sizeof *f.out;

    if (f.kept->stream && !backward)
        m->op->copy(m->nn, f.kept->stream, f.out, bytes);
    switch (model_branch(m, b)) {
    case BRANCH_ATTN: model_attn(m, &f, backward); break;
    case BRANCH_FF: model_ff(m, &f, backward); break;
    default: model_pkm(m, &f, backward);
    }
    if (f.kept->stream && backward)
        m->op->copy(m->nn, f.out, f.kept->stream, bytes);
}

void model_branch_fwd(struct model *m, size_t b)
{
    run_branch(m, b, false);
}

void model_branch_bwd(struct model *m, size_t b)
{
    run_branch(m, b, true);
}
