#include "run/window.h"

#include <stdlib.h>
#include <string.h>

int window_new(struct window *w, const struct run_model *m, struct errbuf *eb)
{
    size_t batch = m->cfg.train.batch, max_len = ckpt_state(m->ckpt)->max_len;
    size_t all = batch * max_len;

    *w = (struct window){.run = m, .batch = batch, .max_len = max_len};
    w->step = 2 * m->cfg.model.chunk;
    w->mem = m->cfg.model.mem_kv;
    w->most = WINDOW_BATCHES * batch;
    w->start = calloc(w->most + 1, sizeof *w->start);
    w->which = calloc(batch, sizeof *w->which);
    w->shown = calloc(all, sizeof *w->shown);
    w->rows = calloc(batch, sizeof *w->rows);
    w->real = calloc(all, sizeof *w->real);
    return w->start && w->which && w->shown && w->rows && w->real ? RF_OK : err_nomem(eb);
}

void window_free(struct window *w)
{
    free(w->ids.ids);
    free(w->start);
    free(w->which);
    free(w->shown);
    free(w->rows);
    free(w->real);
    *w = (struct window){0};
}

/* The length to which sequence i is padded. */
static size_t padded(const struct window *w, size_t i)
{
    size_t n = w->start[i + 1] - w->start[i] + w->mem;
    size_t T = (n + w->step - 1) / w->step * w->step - w->mem;

    return T < w->max_len ? T : w->max_len;
}

/* Lay n sequences of the batch in hand side by side. */
static struct model_batch lay_sequences(struct window *w, size_t n, size_t T)
{
    int32_t pad = ckpt_state(w->run->ckpt)->special.pad;

    for (size_t i = 0; i < n; i++) {
        const int32_t *ids = w->ids.ids + w->start[w->which[i]];
        size_t len = w->start[w->which[i] + 1] - w->start[w->which[i]];

        memcpy(w->shown + i * T, ids, len * sizeof *ids);
        for (size_t t = len; t < T; t++)
            w->shown[i * T + t] = pad > 0 ? pad : 0;
        memset(w->real + i * T, 1, len);
        memset(w->real + i * T + len, 0, T - len);
        w->rows[i] = (int32_t)(i * T);
    }
    return (struct model_batch){
        .B = n, .T = T, .ids = w->shown, .real = w->real, .rows = w->rows, .n = n};
}

/* Fill the batch in hand with sequences of one length from number *at on, which moves behind
 * the last that was looked at; returns how many there are. */
static size_t choose(struct window *w, size_t T, size_t *at)
{
    size_t n = 0;

    for (; *at < w->n && n < w->batch; ++*at)
        if (padded(w, *at) == T)
            w->which[n++] = *at;
    return n;
}

int window_show(struct window *w,
                int (*see)(void *self, const struct model_batch *b, const size_t *which,
                           struct errbuf *eb),
                void *self, struct errbuf *eb)
{
    int rc = RF_OK;
    size_t longest = 0, shortest = SIZE_MAX;

    for (size_t i = 0; i < w->n; i++) {
        longest = padded(w, i) > longest ? padded(w, i) : longest;
        shortest = padded(w, i) < shortest ? padded(w, i) : shortest;
    }
    for (size_t T = shortest; T <= longest && rc == RF_OK;) {
        for (size_t at = 0, n; rc == RF_OK && (n = choose(w, T, &at)) > 0;) {
            const struct model_batch b = lay_sequences(w, n, T);

            rc = see(self, &b, w->which, eb);
        }
        T = T == longest ? longest + 1 : T + w->step < longest ? T + w->step : longest;
    }
    w->n = w->ids.n = 0;
    return rc;
}
