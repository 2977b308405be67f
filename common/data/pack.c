#include "data/pack.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

struct pack {
    struct special_ids special;
    bool join;
    uint64_t doc; /* joined: the first in the sequence in hand */
    size_t max_len, n;
    struct pack_totals totals;
    int32_t ids[]; /* room for max_len; the n there are [CLS] and whole lines, each with its
                      [SEP], or joined whatever fits */
};

int pack_new(struct pack **out, const struct pack_cfg *cfg, const struct shard_info *info,
             struct errbuf *eb)
{
    struct pack *p;

    if (info->special.cls < 0 || info->special.sep < 0)
        return err_set(eb, RF_EINVAL, "the vocabulary has no [CLS] or no [SEP]");
    if (cfg->max_len < 3 || cfg->max_len > SHARD_RECORD_MAX_TOKENS)
        return err_set(eb, RF_EINVAL, "sequences cannot be of %llu tokens",
                       (unsigned long long)cfg->max_len);
    p = malloc(sizeof *p + cfg->max_len * sizeof *p->ids);
    if (!p)
        return err_nomem(eb);
    *p = (struct pack){.special = info->special,
                       .join = cfg->join,
                       .max_len = cfg->max_len,
                       .n = cfg->join ? 0 : 1};
    p->ids[0] = p->special.cls;
    *out = p;
    return RF_OK;
}

static int flush(struct pack *p, uint64_t doc, pack_put *put, void *ctx, struct errbuf *eb)
{
    struct shard_record r = {.doc = doc, .ids = p->ids, .n_ids = p->n};

    if (p->n == !p->join)
        return RF_OK;
    p->totals.sequences++;
    p->totals.tokens += p->n;
    p->n = !p->join;
    return put(ctx, &r, eb);
}

static void add_piece(struct pack *p, const int32_t *ids, size_t n)
{
    memcpy(p->ids + p->n, ids, n * sizeof *ids);
    p->n += n;
    p->ids[p->n++] = p->special.sep;
}

/* --- joined */

static int join_ids(struct pack *p, const int32_t *ids, size_t n, uint64_t doc, pack_put *put,
                    void *ctx, struct errbuf *eb)
{
    int rc = RF_OK;

    while (n > 0 && rc == RF_OK) {
        size_t some = n < p->max_len - p->n ? n : p->max_len - p->n;

        if (p->n == 0)
            p->doc = doc;
        memcpy(p->ids + p->n, ids, some * sizeof *ids);
        p->n += some;
        ids += some;
        n -= some;
        if (p->n == p->max_len)
            rc = flush(p, p->doc, put, ctx, eb);
    }
    return rc;
}

static int join_document(struct pack *p, const struct shard_record *doc, pack_put *put,
                         void *ctx, struct errbuf *eb)
{
    const int32_t *ids = doc->ids;
    bool begun = false;
    int rc = RF_OK;

    for (size_t i = 0; i < doc->n_lens && rc == RF_OK; ids += doc->lens[i++]) {
        p->totals.empty_lines += doc->lens[i] == 0;
        if (doc->lens[i] == 0)
            continue;
        if (!begun)
            rc = join_ids(p, &p->special.cls, 1, doc->doc, put, ctx, eb);
        begun = true;
        if (rc == RF_OK)
            rc = join_ids(p, ids, doc->lens[i], doc->doc, put, ctx, eb);
        if (rc == RF_OK)
            rc = join_ids(p, &p->special.sep, 1, doc->doc, put, ctx, eb);
    }
    p->totals.documents++;
    p->totals.lines += doc->n_lens;
    return rc;
}

int pack_end(struct pack *p, pack_put *put, void *ctx, struct errbuf *eb)
{
    return p->join ? flush(p, p->doc, put, ctx, eb) : RF_OK;
}

/* --- each document by itself */

int pack_document(struct pack *p, const struct shard_record *doc, pack_put *put, void *ctx,
                  struct errbuf *eb)
{
    const int32_t *ids = doc->ids;
    size_t most = p->max_len - 2; /* this many fit between [CLS] and [SEP] */
    int rc;

    if (p->join)
        return join_document(p, doc, put, ctx, eb);
    for (size_t i = 0; i < doc->n_lens; ids += doc->lens[i++]) {
        size_t n = doc->lens[i], at = 0;

        p->totals.empty_lines += n == 0;
        p->totals.cut_lines += n > most;
        if (p->n + n + 1 > p->max_len && (rc = flush(p, doc->doc, put, ctx, eb)) != RF_OK)
            return rc;
        for (; n - at > most; at += most) {
            add_piece(p, ids + at, most);
            if ((rc = flush(p, doc->doc, put, ctx, eb)) != RF_OK)
                return rc;
        }
        if (n > at)
            add_piece(p, ids + at, n - at);
    }
    p->totals.documents++;
    p->totals.lines += doc->n_lens;
    return flush(p, doc->doc, put, ctx, eb);
}

struct pack_totals pack_totals(const struct pack *p)
{
    return p->totals;
}

bool pack_is_eval(const struct pack_cfg *cfg, uint64_t doc)
{
    return (double)rng_uniform(rng_stream(cfg->seed, 0, 0, RNG_SPLIT), doc) < cfg->eval_share;
}

void pack_free(struct pack *p)
{
    free(p);
}
