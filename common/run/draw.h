/* draw.h: which token comes next, by what a model says of all. */
#ifndef RUN_DRAW_H
#define RUN_DRAW_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/** How a token is chosen. The rules apply in the order in which they stand here. */
struct draw_cfg {
    double repeat_penalty; /* logits of tokens that are there already are divided by this where
                              they are positive, multiplied where not (Keskar et al. 2019); 1 */
    uint64_t no_repeat;    /* no run of so many tokens comes twice; 0: it may */
    double temperature;    /* logits are divided by it; 0: the likeliest token is taken */
    uint64_t top_k;        /* so many likeliest tokens stay; 0: all */
    double top_p;          /* of these the fewest likeliest whose share of them all reaches this
                              (Holtzman et al. 2020); 1: all */
    double min_p; /* of these those that are at least this share as likely as the first; 0 */
};
#define DRAW_CFG_DEFAULT                                                                       \
    (struct draw_cfg)                                                                          \
    {                                                                                          \
        .repeat_penalty = 1, .temperature = 1, .top_p = 1                                      \
    }

/** The logarithm of the sum of the exponentials of logits[n], n > 0: a logit less this is the
 * logarithm of its token's probability. NaN: they are no distribution. */
double draw_log_sum(const float *logits, size_t n);

/** The Kullback-Leibler divergence KL(p || q), in nats, of what two rows of logits[n] say; 0
 * where they are equal. NaN: one is no distribution. */
double draw_divergence(const float *p, const float *q, size_t n);

struct draw;

/** Memory for choosing among V tokens. RF_OK or RF_ENOMEM. */
MUST_CHECK int draw_new(struct draw **d, size_t V, struct errbuf *eb);
void draw_free(struct draw *d); /* NULL is fine */

/**
 * Choose a token by logits[V], of which those of tokens that must not come are -INFINITY; they
 * are overwritten. past[n] are the tokens so far. u, in [0,1), is the chance. Of equally likely
 * tokens the one with the lowest number counts as likelier. *id is the token, *log_p the
 * logarithm of its probability before any of the rules. RF_OK, or RF_ENAN: a logit is no number
 * or too large, or no token may come.
 */
MUST_CHECK int draw_token(struct draw *d, const struct draw_cfg *c, float *logits,
                          const int32_t *past, size_t n, double u, int32_t *id, double *log_p,
                          struct errbuf *eb);

#endif
