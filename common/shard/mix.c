#include "shard/mix.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

struct source {
    struct shard_set *set;
    double limit;   /* the sum of the weights up to and including this source's */
    uint64_t given; /* how many of its records were given */
};

struct mix {
    struct shard_info info;
    struct buf chain;
    uint64_t seed, next, count;
    int32_t *ids, *labels; /* room for max_len of each */
    uint32_t *positions;
    size_t n;
    struct source sources[];
};

int mix_source_read(struct mix_source *s, char *text, struct errbuf *eb)
{
    char *sign = strrchr(text, '=');

    *s = (struct mix_source){text, 1};
    if (!sign)
        return RF_OK;
    if (opt_parse_real(&s->weight, sign + 1) != RF_OK || !(s->weight > 0))
        return err_set(eb, RF_EUSAGE, "'%s' has no weight above 0 behind its '='", text);
    *sign = '\0';
    return RF_OK;
}

/* Join the header of a source to that of the mix. The first source's header counts, and the
 * others must agree with it. */
static int join_info(struct mix *m, const struct mix_source *sources, size_t i,
                     struct errbuf *eb)
{
    const struct shard_info *is = shard_set_info(m->sources[i].set);

    if (shard_set_count(m->sources[i].set) == 0)
        return err_set(eb, RF_EFORMAT, "'%s' holds no record", sources[i].name);
    if (i == 0)
        m->info = *is;
    if (is->kind != m->info.kind || is->vocab_size != m->info.vocab_size ||
        memcmp(&is->special, &m->info.special, sizeof is->special) != 0 ||
        memcmp(is->vocab_digest, m->info.vocab_digest, SHARD_DIGEST_BYTES) != 0)
        return err_set(eb, RF_EFORMAT, "'%s' differs in kind or vocabulary from '%s'",
                       sources[i].name, sources[0].name);
    if (strcmp(is->classes, m->info.classes) != 0)
        return err_set(eb, RF_EFORMAT, "'%s' has other classes than '%s'", sources[i].name,
                       sources[0].name);
    if (m->info.max_len < is->max_len)
        m->info.max_len = is->max_len;
    m->count += shard_set_count(m->sources[i].set);
    for (size_t k = 0; k < i; k++)
        if (strcmp(shard_set_info(m->sources[k].set)->chain, is->chain) == 0)
            return RF_OK;
    return buf_put(&m->chain, is->chain, strlen(is->chain)) == RF_OK ? RF_OK : err_nomem(eb);
}

int mix_open(struct mix **out, const struct mix_source *sources, size_t n, uint64_t seed,
             struct errbuf *eb)
{
    struct mix *m = calloc(1, sizeof *m + n * sizeof *m->sources);
    double sum = 0;
    int rc = m ? RF_OK : err_nomem(eb);

    for (size_t i = 0; i < n && rc == RF_OK; i++) {
        m->n = i + 1;
        m->sources[i].limit = sum += sources[i].weight;
        if ((rc = shard_load(&m->sources[i].set, sources[i].name, eb)) == RF_OK)
            rc = join_info(m, sources, i, eb);
    }
    if (rc == RF_OK) {
        m->seed = seed;
        m->info.chain = m->chain.data;
        assert(m->info.max_len > 0); /* shard_load() refuses everything but sequences */
        m->ids = malloc(m->info.max_len * sizeof *m->ids);
        m->labels = malloc(m->info.max_len * sizeof *m->labels);
        m->positions = malloc(m->info.max_len * sizeof *m->positions);
        if (!m->ids || !m->labels || !m->positions)
            rc = err_nomem(eb);
    }
    if (rc == RF_OK)
        *out = m;
    else
        mix_free(m);
    return rc;
}

const struct shard_info *mix_info(const struct mix *m)
{
    return &m->info;
}

uint64_t mix_count(const struct mix *m)
{
    return m->count;
}

/* Draw the source of the next record, and count the record as given. */
static size_t draw(struct mix *m)
{
    uint64_t u = rng_u64(rng_stream(m->seed, 0, 0, RNG_MIX), m->next++);
    double at = (double)u * 0x1p-64 * m->sources[m->n - 1].limit;
    size_t i = 0;

    while (i + 1 < m->n && at >= m->sources[i].limit)
        i++;
    m->sources[i].given++;
    return i;
}

void mix_seek(struct mix *m, uint64_t record)
{
    if (record < m->next) {
        m->next = 0;
        for (size_t i = 0; i < m->n; i++)
            m->sources[i].given = 0;
    }
    while (m->next < record)
        draw(m);
}

struct mix_place mix_draw(struct mix *m)
{
    size_t i = draw(m);
    uint64_t n = shard_set_count(m->sources[i].set), k = m->sources[i].given - 1;
    struct rng order = rng_stream(m->seed, k / n, 1 + (uint32_t)i, RNG_MIX);

    return (struct mix_place){i, rng_permute(order, k % n, n), k / n};
}

const struct shard_set *mix_set(const struct mix *m, size_t source)
{
    return m->sources[source].set;
}

void mix_next(struct mix *m, struct shard_record *r)
{
    struct mix_place at = mix_draw(m);

    shard_set_get(m->sources[at.source].set, (size_t)at.record, m->ids, m->positions, m->labels,
                  r);
}

void mix_free(struct mix *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->n; i++)
        shard_set_free(m->sources[i].set);
    buf_free(&m->chain);
    free(m->ids);
    free(m->labels);
    free(m->positions);
    free(m);
}
