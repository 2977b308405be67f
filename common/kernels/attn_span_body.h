/* attn_span_body.h: keys in order of positions: all, or local ones; part of attn_body.h. */

struct span {
    size_t from, to;
};

static struct span meet(struct span a, struct span b)
{
    struct span c = {a.from > b.from ? a.from : b.from, a.to < b.to ? a.to : b.to};

    return c;
}

/* Queries that see keys from position k on, all of one window where attention is local. */
static struct span seen_by(const struct attend_dims *s, size_t k)
{
    size_t n = 2 * s->C, window = k / n * n;
    struct span all = {0, s->queries};

    if (s->kind == ATTEND_FULL)
        return meet(all, (struct span){s->causal && k < s->queries ? k : 0, s->queries});
    return meet(all, (struct span){s->causal    ? k
                                   : window > n ? window - n
                                                : 0,
                                   window + n + attend_before(s)});
}

/* No query from position q on sees a key before this one. */
static size_t first_seen(const struct attend_dims *s, size_t q)
{
    size_t n = 2 * s->C, window = q / n * n, before = attend_before(s);

    return s->kind == ATTEND_LOCAL && window > before ? window - before : 0;
}

/* The end of the window of keys that starts at k. */
static size_t window_end(const struct attend_dims *s, size_t k, size_t end)
{
    size_t to = k + KEYS < end ? k + KEYS : end;

    if (s->kind == ATTEND_LOCAL)
        return to < k / (2 * s->C) * (2 * s->C) + 2 * s->C
                   ? to
                   : k / (2 * s->C) * (2 * s->C) + 2 * s->C;
    return s->causal && k < s->queries && to > s->queries ? s->queries : to;
}

static void load_window(struct work *w, int32_t *pos, size_t from, size_t to)
{
    for (size_t j = from; j < to; j++)
        pos[j - from] = (int32_t)j;
    w->first_key = from;
    take_keys(w, pos, to - from, 0);
}

/* The next queries that are asked of those from *from on; *n is their number. */
static struct queries span_queries(struct work *w, size_t *n, size_t *from, size_t to,
                                   size_t key_end)
{
    bool masked = key_end - w->first_key < KEYS || (w->s->causal && key_end > *from);

    for (*n = 0; *from < to && *n < w->Q; ++*from)
        if (is_asked(w->h, *from))
            w->qpos[(*n)++] = (int32_t)*from;
    return (struct queries){.how = masked && w->least == PLAIN ? MASKED : w->least};
}

static void span_fwd(void *memory, const struct attn_head *h, size_t q0, size_t q1)
{
    struct work w = q1 - q0 == 1 ? begin_step(memory, h) : begin(memory, h);
    const struct attend_dims *s = h->s;
    size_t keys = s->kind == ATTEND_LOCAL ? s->queries : s->T, D = s->D;
    int32_t pos[KEYS];

    memset(h->o + (q0 - h->first) * D, 0, (q1 - q0) * D * sizeof(float));
    for (size_t i = q0 - h->first; i < q1 - h->first; i++) {
        h->stat[2 * i] = LOWEST;
        h->stat[2 * i + 1] = 0;
    }
    for (size_t k = first_seen(s, q0), end; k < keys; k = end) {
        struct span see = meet(seen_by(s, k), (struct span){q0, q1});

        end = window_end(s, k, keys);
        if (see.from >= see.to)
            continue;
        load_window(&w, pos, k, end);
        for (size_t i = see.from, n; i < see.to;) {
            struct queries q = span_queries(&w, &n, &i, see.to, end);

            meet_queries(&w, &q, n);
        }
    }
    for (size_t i = q0 - h->first; i < q1 - h->first; i++) {
        float sum = h->stat[2 * i + 1], f = sum == 0 ? 0 : 1.0f / sum; /* 0: it sees nothing */

        h->stat[2 * i + 1] = f;
        for (size_t d = 0; d < D; d++)
            h->o[i * D + d] *= f;
    }
    end_tiles();
}

static void span_bwd(void *memory, const struct attn_head *h, size_t q0, size_t q1, size_t k0,
                     size_t k1)
{
    struct work w = begin(memory, h);
    const struct attend_dims *s = h->s;
    size_t keys = s->kind == ATTEND_LOCAL ? s->queries : s->T;
    int32_t pos[KEYS];

    k1 = k1 < keys ? k1 : keys;
    for (size_t k = k0, end; k < k1; k = end) {
        struct span see = meet(seen_by(s, k), (struct span){q0, q1});

        end = window_end(s, k, k1);
        if (see.from >= see.to)
            continue;
        load_window(&w, pos, k, end);
        for (size_t i = see.from, n; i < see.to;) {
            struct queries q = span_queries(&w, &n, &i, see.to, end);

            gather_queries(&w, &q, n);
            block_bwd(&w, &q);
        }
        add_keys(&w, pos, end - k, 0, NULL);
    }
    end_tiles();
}
