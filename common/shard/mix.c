#include "shard/mix.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/progress.h"
#include "base/rng.h"
#include "shard/block_order.h"
#include "shard/turns.h"

/* Of sources read whole, every so many draws a mark is set: the counts of what each has given
 * by then. */
enum { MARK_DRAWS = 1 << 16 };

struct source {
    const char *name;
    struct shard_set *set;       /* whole */
    struct shard_blocks *blocks; /* by blocks, as what follows */
    struct block_order *order;   /* NULL: in their own order */
    uint64_t *first;             /* [blocks + 1] for the order */
    double weight;
    double limit;   /* the sum of the weights up to and including this source's */
    uint64_t given; /* how many of its records were drawn */
    uint64_t held;  /* bytes of blocks that it may hold */
};

struct mix {
    struct shard_info info;
    struct mix_cfg cfg;
    struct buf chain, marks; /* marks: [n] counts, for each multiple of MARK_DRAWS */
    uint64_t next, count;
    struct turns turns;
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

static const struct shard_info *info_of(const struct source *s)
{
    return s->set ? shard_set_info(s->set) : shard_blocks_info(s->blocks);
}

static uint64_t count_of(const struct source *s)
{
    return s->set ? shard_set_count(s->set) : shard_blocks_totals(s->blocks).records;
}

/* Join the header of a source to that of the mix. The first source's header counts, and the
 * others must agree with it. */
static int join_info(struct mix *m, size_t i, struct errbuf *eb)
{
    const struct source *s = m->sources;
    const struct shard_info *is = info_of(&s[i]);

    if (count_of(&s[i]) == 0)
        return err_set(eb, RF_EFORMAT, "'%s' holds no record", s[i].name);
    if (i == 0)
        m->info = *is;
    if (is->kind != m->info.kind || is->vocab_size != m->info.vocab_size ||
        memcmp(&is->special, &m->info.special, sizeof is->special) != 0 ||
        memcmp(is->vocab_digest, m->info.vocab_digest, SHARD_DIGEST_BYTES) != 0)
        return err_set(eb, RF_EFORMAT, "'%s' differs in kind or vocabulary from '%s'",
                       s[i].name, s[0].name);
    if (strcmp(is->classes, m->info.classes) != 0)
        return err_set(eb, RF_EFORMAT, "'%s' has other classes than '%s'", s[i].name,
                       s[0].name);
    if (m->info.max_len < is->max_len)
        m->info.max_len = is->max_len;
    m->count += count_of(&s[i]);
    for (size_t k = 0; k < i; k++)
        if (strcmp(info_of(&s[k])->chain, is->chain) == 0)
            return RF_OK;
    return buf_put(&m->chain, is->chain, strlen(is->chain)) == RF_OK ? RF_OK : err_nomem(eb);
}

/* --- whole sources */

static int check_room(const struct mix *m, const char *name, uint64_t bytes, struct errbuf *eb)
{
    uint64_t held = mix_bytes(m), left = m->cfg.memory > held ? m->cfg.memory - held : 0;
    char takes[32], there[32];

    if (bytes <= left)
        return RF_OK;
    return err_set(eb, RF_ERANGE,
                   "'%s' takes %s of memory, %s is left for it: data.read blocks takes less",
                   name, human(takes, sizeof takes, (double)bytes, "B"),
                   human(there, sizeof there, (double)left, "B"));
}

/* A plain file says beforehand what it will take; one that cannot is an error of loading. */
static int check_file(const struct mix *m, const char *name, struct errbuf *eb)
{
    struct shard_blocks *b = NULL;
    struct stat st;
    int rc;

    if (strcmp(name, "-") == 0 || stat(name, &st) != 0 || !S_ISREG(st.st_mode) ||
        shard_blocks_open(&b, name, NULL) != RF_OK)
        return RF_OK;
    rc = check_room(m, name, shard_blocks_bytes(b), eb);
    shard_blocks_close(b);
    return rc;
}

static int load_source(struct mix *m, struct source *s, struct errbuf *eb)
{
    int rc = m->cfg.memory ? check_file(m, s->name, eb) : RF_OK;

    return rc == RF_OK ? shard_load(&s->set, s->name, eb) : rc;
}

/* --- sources by blocks */

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static double weight_of(const void *sources, size_t i)
{
    return ((const struct source *)sources)[i].weight;
}

/* How many blocks of a source are open at a time, if it has `share` of the window. */
static size_t open_blocks(const struct source *s, double share)
{
    size_t n = shard_blocks_count(s->blocks);
    double each = (double)shard_blocks_bytes(s->blocks) / (double)n;
    double blocks = each > 0 ? share / each : (double)n;

    return blocks < 1 ? 1 : blocks < (double)n ? (size_t)blocks : n;
}

static int order_source(struct mix *m, size_t i, double share, struct errbuf *eb)
{
    struct source *s = &m->sources[i];
    size_t n = shard_blocks_count(s->blocks);
    struct block_order_cfg cfg = {.blocks = n,
                                  .window = open_blocks(s, share),
                                  .seed = m->cfg.seed,
                                  .source = (uint32_t)i};

    s->held = smaller(shard_blocks_largest(s->blocks) * (cfg.window + 1),
                      shard_blocks_bytes(s->blocks));
    cfg.first = s->first = malloc((n + 1) * sizeof *s->first);
    if (!s->first)
        return err_nomem(eb);
    for (size_t k = 0; k <= n; k++)
        s->first[k] = shard_blocks_first(s->blocks, k);
    return block_order_new(&s->order, &cfg, eb);
}

/* All sources are open: choose how each is read. */
static int order_sources(struct mix *m, struct errbuf *eb)
{
    double weights = 0;
    int rc = RF_OK;

    m->turns.n = m->n;
    m->turns.start = rng_u32(rng_stream(m->cfg.seed, 0, 0, RNG_BLOCKS), 0);
    if (!(m->turns.limit = calloc(m->n + 1, sizeof *m->turns.limit)))
        return err_nomem(eb);
    turns_begin(&m->turns, weight_of, m->sources);
    for (size_t i = 0; i < m->n; i++)
        weights += m->sources[i].weight;
    for (size_t i = 0; i < m->n && rc == RF_OK; i++) {
        struct source *s = &m->sources[i];

        if (m->cfg.in_order)
            s->held = smaller(shard_blocks_largest(s->blocks), shard_blocks_bytes(s->blocks));
        else
            rc = order_source(m, i, (double)m->cfg.window * s->weight / weights, eb);
        shard_blocks_hold(s->blocks, s->held);
    }
    return rc;
}

uint64_t mix_hold_more(struct mix *m, uint64_t bytes)
{
    uint64_t used = 0;

    for (size_t i = 0; i < m->n && m->cfg.by_blocks; i++) {
        struct source *s = &m->sources[i];
        uint64_t more = smaller(shard_blocks_bytes(s->blocks) - s->held, bytes - used);

        s->held += more;
        used += more;
        shard_blocks_hold(s->blocks, s->held);
    }
    return used;
}

/* --- any sources */

static int open_sources(struct mix *m, const struct mix_source *sources, size_t n,
                        struct errbuf *eb)
{
    double sum = 0;
    int rc = RF_OK;

    for (size_t i = 0; i < n && rc == RF_OK; i++) {
        struct source *s = &m->sources[i];

        s->name = sources[i].name;
        s->weight = sources[i].weight;
        s->limit = sum += s->weight;
        rc = m->cfg.by_blocks ? shard_blocks_open(&s->blocks, s->name, eb)
                              : load_source(m, s, eb);
        m->n = i + (rc == RF_OK);
        if (rc == RF_OK)
            rc = join_info(m, i, eb);
    }
    return rc == RF_OK && m->cfg.by_blocks ? order_sources(m, eb) : rc;
}

int mix_open(struct mix **out, const struct mix_source *sources, size_t n,
             const struct mix_cfg *cfg, struct errbuf *eb)
{
    struct mix *m = calloc(1, sizeof *m + n * sizeof *m->sources);
    int rc;

    if (!m)
        return err_nomem(eb);
    m->cfg = *cfg;
    rc = open_sources(m, sources, n, eb);
    if (rc == RF_OK) {
        m->info.chain = m->chain.data;
        assert(m->info.max_len > 0); /* everything but sequences is refused */
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

uint64_t mix_source_count(const struct mix *m, size_t source)
{
    return count_of(&m->sources[source]);
}

uint64_t mix_bytes(const struct mix *m)
{
    uint64_t bytes = 0, scratch = 0;

    for (size_t i = 0; i < m->n; i++) {
        const struct source *s = &m->sources[i];

        bytes += s->set ? shard_set_bytes(s->set) : s->held;
        if (s->blocks && shard_blocks_scratch(s->blocks) > scratch)
            scratch = shard_blocks_scratch(s->blocks);
    }
    return bytes + (m->cfg.in_order ? 1 : 2) * scratch; /* a thread reads ahead meanwhile */
}

const struct shard_set *mix_set(const struct mix *m, size_t source)
{
    return m->sources[source].set;
}

struct shard_blocks *mix_blocks(const struct mix *m, size_t source)
{
    return m->sources[source].blocks;
}

/* --- the order */

/* Set a mark, if one is due that is not there; where memory lacks, marks further back serve. */
static void set_mark(struct mix *m)
{
    size_t bytes = m->n * sizeof m->next;

    if (m->next % MARK_DRAWS || m->marks.len != m->next / MARK_DRAWS * bytes ||
        buf_reserve(&m->marks, bytes) != RF_OK)
        return;
    for (size_t i = 0; i < m->n; i++) {
        memcpy(m->marks.data + m->marks.len, &m->sources[i].given, sizeof m->next);
        m->marks.len += sizeof m->next;
    }
}

/* Go to the last mark up to a record; before the first one nothing was given. */
static void go_to_mark(struct mix *m, uint64_t record)
{
    size_t marks = m->marks.len / (m->n * sizeof m->next);
    uint64_t mark = smaller(record / MARK_DRAWS, marks ? marks - 1 : 0);

    if (record >= m->next && m->next >= mark * MARK_DRAWS)
        return; /* it is nearer from here */
    m->next = mark * MARK_DRAWS;
    for (size_t i = 0; i < m->n; i++) {
        m->sources[i].given = 0;
        if (marks)
            memcpy(&m->sources[i].given, m->marks.data + (mark * m->n + i) * sizeof m->next,
                   sizeof m->next);
    }
}

/* Draw the source of the next record, and count the record as given. */
static size_t draw(struct mix *m)
{
    uint64_t u;
    double at;
    size_t i = 0;

    set_mark(m);
    u = rng_u64(rng_stream(m->cfg.seed, 0, 0, RNG_MIX), m->next++);
    at = (double)u * 0x1p-64 * m->sources[m->n - 1].limit;
    while (i + 1 < m->n && at >= m->sources[i].limit)
        i++;
    m->sources[i].given++;
    return i;
}

void mix_seek(struct mix *m, uint64_t record)
{
    if (m->cfg.by_blocks) {
        m->next = record;
    } else if (m->n == 1) {
        m->next = m->sources[0].given = record;
    } else {
        go_to_mark(m, record);
        while (m->next < record)
            draw(m);
    }
}

/* The place of the next record, by blocks. Blocks of the turn that begins with it are read
 * ahead. */
static struct mix_place draw_of_blocks(struct mix *m)
{
    size_t i = turns_whose(&m->turns, m->next), n;
    struct source *s = &m->sources[i];
    uint64_t k = turns_before(&m->turns, i, m->next++), count = count_of(s);
    bool turned;
    struct mix_place at = {
        .source = i, .record = block_order_at(s->order, k, &turned), .pass = k / count};

    if (turned) {
        const uint32_t *blocks = block_order_open(s->order, &n);

        shard_blocks_want(s->blocks, blocks, n);
    }
    return at;
}

struct mix_place mix_draw(struct mix *m)
{
    size_t i;
    uint64_t n, k;
    struct rng order;

    if (m->cfg.by_blocks)
        return draw_of_blocks(m);
    i = draw(m);
    n = shard_set_count(m->sources[i].set);
    k = m->sources[i].given - 1;
    order = rng_stream(m->cfg.seed, k / n, 1 + (uint32_t)i, RNG_MIX);
    return (struct mix_place){i, rng_permute(order, k % n, n), k / n};
}

int mix_get(struct mix *m, const struct mix_place *at, int32_t *ids, uint32_t *positions,
            int32_t *labels, struct shard_record *r, struct errbuf *eb)
{
    const struct source *s = &m->sources[at->source];

    if (s->blocks)
        return shard_blocks_get(s->blocks, at->record, ids, positions, labels, r, eb);
    shard_set_get(s->set, (size_t)at->record, ids, positions, labels, r);
    return RF_OK;
}

int mix_next(struct mix *m, struct shard_record *r, struct errbuf *eb)
{
    struct mix_place at = mix_draw(m);

    return mix_get(m, &at, m->ids, m->positions, m->labels, r, eb);
}

void mix_free(struct mix *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->n; i++) {
        shard_set_free(m->sources[i].set);
        shard_blocks_close(m->sources[i].blocks);
        block_order_free(m->sources[i].order);
        free(m->sources[i].first);
    }
    buf_free(&m->chain);
    buf_free(&m->marks);
    free(m->turns.limit);
    free(m->ids);
    free(m->labels);
    free(m->positions);
    free(m);
}
