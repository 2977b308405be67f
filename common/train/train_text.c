#include "train/train_text.h"

#include <math.h>

int train_text_trial(struct buf *to, const struct train_trial *t)
{
    const struct train_needs *n = &t->needs;
    const struct {
        const char *name;
        double value;
        int decimals;
    } lines[] = {{"parameters", (double)n->parameters, 0},
                 {"weights", (double)n->weights, 0},
                 {"gradients", (double)n->gradients, 0},
                 {"optimiser", (double)n->optimiser, 0},
                 {"batch", (double)n->batch, 0},
                 {"scratch", (double)n->scratch, 0},
                 {"data", (double)n->data, 0},
                 {"memory", (double)n->total, 0},
                 {"model_operations", n->model_flops, 0},
                 {"executed_operations", n->executed_flops, 0},
                 {"step_seconds", t->seconds, 4},
                 {"tokens_per_s", t->tokens / t->seconds, 1},
                 {"peak_gflops", 1e-9 * t->peak, 1},
                 {"mfu", t->mfu, 4},
                 {"hfu", t->hfu, 4},
                 {"rss", t->rss, 0}};

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (buf_printf(to, "%s: %.*f\n", lines[i].name, lines[i].decimals, lines[i].value) !=
            RF_OK)
            return RF_ENOMEM;
    return RF_OK;
}

int train_text_end(struct buf *to, const struct train_report *r)
{
    int rc = buf_printf(to, "%llu steps, %llu tokens", (unsigned long long)r->step,
                        (unsigned long long)r->tokens);

    if (rc == RF_OK && isfinite(r->mean_loss))
        rc = buf_printf(to, ", loss %.3f", r->mean_loss);
    if (rc == RF_OK && r->set)
        rc = buf_printf(to, ", %s %.3f (unigram %.3f)", r->set, r->eval_loss, r->unigram_loss);
    if (rc == RF_OK && isfinite(r->tokens_per_s))
        rc = buf_printf(to, ", %.0f tokens/s", r->tokens_per_s);
    if (rc == RF_OK && isfinite(r->mfu))
        rc = buf_printf(to, ", MFU %.1f %%, HFU %.1f %%", 100 * r->mfu, 100 * r->hfu);
    return rc;
}
