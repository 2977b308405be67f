#include "data/train_set.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/rng.h"
#include "shard/mix.h"

/* Of shards read by blocks so many frames are looked at, when a set is opened. */
enum { SAMPLE_FRAMES = 4 };

/* A record of the order, and its length. */
struct placed {
    struct mix_place at;
    size_t len;
    uint64_t i; /* its place in the order */
};

struct train_set {
    struct train_set_cfg cfg;
    struct mix *mix;
    size_t n;             /* number of sources */
    uint64_t next;        /* the next record of the order */
    struct placed *group; /* [cfg.group,cfg.batch] sorted by length; NULL: they are not */
    size_t *turn;         /* [cfg.group] which of its batches comes when */
    uint64_t in_hand;     /* 1 + the number of the group that `group` has; 0: none */
    bool *piece;          /* for masking whole words */
    double *counts;       /* [vocab_size] how often each id is there, or would be by a sample */
    double tokens, records; /* that were seen */
    uint8_t digest[SHARD_DIGEST_BYTES];
    int32_t *ids, *labels; /* max_len of each, for reading all records once */
    uint32_t *positions;
};

/* --- loading */

/* Count a record's tokens. Those of a masked one are put back, in s->ids. */
static void count_tokens(struct train_set *s, const struct shard_record *r, double *counts)
{
    const int32_t *ids = r->ids;

    if (mix_info(s->mix)->kind == SHARD_MASKED) {
        memmove(s->ids, ids, r->n_ids * sizeof *ids);
        for (size_t i = 0; i < r->n_labels; i++)
            s->ids[r->positions[i]] = r->labels[i];
        ids = s->ids;
    }
    for (size_t i = 0; i < r->n_ids; i++)
        counts[ids[i]]++;
    s->tokens += (double)r->n_ids;
    s->records++;
}

static void hash_record(XXH3_state_t *hash, const struct shard_record *r)
{
    uint64_t sizes[] = {r->n_ids, r->n_labels};

    XXH3_128bits_update(hash, sizes, sizeof sizes);
    XXH3_128bits_update(hash, r->ids, r->n_ids * sizeof *r->ids);
    if (r->n_labels) {
        XXH3_128bits_update(hash, r->positions, r->n_labels * sizeof *r->positions);
        XXH3_128bits_update(hash, r->labels, r->n_labels * sizeof *r->labels);
    }
}

/* Read all records of a source, for their digest and the counts. */
static void look_at_set(struct train_set *s, const struct shard_set *set, XXH3_state_t *hash)
{
    for (size_t k = 0; k < shard_set_count(set); k++) {
        struct shard_record r;

        shard_set_get(set, k, s->ids, s->positions, s->labels, &r);
        hash_record(hash, &r);
        count_tokens(s, &r, s->counts);
    }
}

struct sample {
    struct train_set *set;
    double *counts; /* [vocab_size] */
    size_t longest;
};

static void see_sample(void *self, const struct shard_record *r)
{
    struct sample *of = self;

    of->longest = r->n_ids > of->longest ? r->n_ids : of->longest;
    count_tokens(of->set, r, of->counts);
}

/* The digest of a source that is read by blocks is that of its file, and its tokens are counted
 * in a sample, so that nothing needs to be read whole. */
static int look_at_blocks(struct train_set *s, struct shard_blocks *b, const char *name,
                          size_t frames, XXH3_state_t *hash, struct errbuf *eb)
{
    size_t vocab_size = mix_info(s->mix)->vocab_size;
    struct sample of = {.set = s, .counts = calloc(vocab_size, sizeof *of.counts)};
    uint64_t tokens;
    int rc = of.counts ? shard_blocks_sample(b, frames, see_sample, &of, &tokens, eb)
                       : err_nomem(eb);

    if (rc == RF_OK)
        rc = shard_max_len_check(shard_blocks_info(b), of.longest, name, eb);
    for (size_t i = 0; i < vocab_size && rc == RF_OK; i++)
        s->counts[i] += of.counts[i] * ((double)shard_blocks_totals(b).tokens / (double)tokens);
    XXH3_128bits_update(hash, shard_blocks_digest(b), SHARD_DIGEST_BYTES);
    free(of.counts);
    return rc;
}

/* Find the digest of the data and count their tokens. */
static int look_over(struct train_set *s, const struct mix_source *sources, size_t n,
                     struct errbuf *eb)
{
    size_t max_len = mix_info(s->mix)->max_len;
    XXH3_state_t *hash = XXH3_createState();
    XXH128_canonical_t digest;
    int rc = RF_OK;

    s->counts = calloc(mix_info(s->mix)->vocab_size, sizeof *s->counts);
    s->ids = malloc(max_len * sizeof *s->ids);
    s->labels = malloc(max_len * sizeof *s->labels);
    s->positions = malloc(max_len * sizeof *s->positions);
    if (!hash || !s->counts || !s->ids || !s->labels || !s->positions) {
        XXH3_freeState(hash);
        return err_nomem(eb);
    }
    XXH3_128bits_reset(hash);
    for (size_t i = 0; i < n && rc == RF_OK; i++) {
        size_t frames = n < SAMPLE_FRAMES ? SAMPLE_FRAMES / n : 1;

        XXH3_128bits_update(hash, &sources[i].weight, sizeof sources[i].weight);
        if (mix_set(s->mix, i))
            look_at_set(s, mix_set(s->mix, i), hash);
        else
            rc = look_at_blocks(s, mix_blocks(s->mix, i), sources[i].name, frames, hash, eb);
    }
    XXH128_canonicalFromHash(&digest, XXH3_128bits_digest(hash));
    memcpy(s->digest, digest.digest, sizeof s->digest);
    XXH3_freeState(hash);
    return rc;
}

/* Whether the shards are of a kind from which the task can learn. */
static int check_kind(const struct shard_info *info, const char *name,
                      const struct train_set_cfg *cfg, struct errbuf *eb)
{
    bool own = cfg->kind == SHARD_QA || cfg->kind == SHARD_CLASSES;

    if (own ? info->kind != cfg->kind : info->kind > SHARD_MASKED)
        return err_set(eb, RF_EFORMAT, "'%s' holds records of kind %s, not %s", name,
                       shard_kind_names[info->kind - 1],
                       own ? shard_kind_names[cfg->kind - 1] : "sequences");
    if (cfg->next_token && info->kind == SHARD_MASKED)
        return err_set(eb, RF_EFORMAT, "'%s' is masked, the next token is to be learned", name);
    if (!cfg->next_token && info->kind == SHARD_SEQUENCES && info->special.mask < 0)
        return err_set(eb, RF_EINVAL, "the vocabulary has no [MASK]");
    return RF_OK;
}

/* Take memory for a group. It has no more than the records of a pass: those of several passes
 * would come next to themselves. */
static int take_group(struct train_set *s, struct errbuf *eb)
{
    size_t batch = s->cfg.batch, most = (size_t)mix_count(s->mix) / batch;

    if (s->cfg.group > most)
        s->cfg.group = most ? most : 1;
    s->group = calloc(s->cfg.group * batch, sizeof *s->group);
    s->turn = calloc(s->cfg.group, sizeof *s->turn);
    return s->group && s->turn ? RF_OK : err_nomem(eb);
}

static int load(struct train_set **out, const struct mix_source *sources, size_t n,
                const struct train_set_cfg *cfg, struct errbuf *eb)
{
    struct train_set *s = calloc(1, sizeof *s);
    const struct mix_cfg mix = {.seed = cfg->mask.seed,
                                .memory = cfg->memory,
                                .by_blocks = cfg->by_blocks,
                                .in_order = cfg->in_order,
                                .window = cfg->window};
    int rc;

    if (!s)
        return err_nomem(eb);
    s->n = n;
    s->cfg = *cfg;
    rc = mix_open(&s->mix, sources, n, &mix, eb);
    if (rc == RF_OK)
        rc = check_kind(mix_info(s->mix), sources[0].name, cfg, eb);
    if (rc == RF_OK && cfg->words_of)
        rc = mask_pieces_read(&s->piece, cfg->words_of, mix_info(s->mix), eb);
    if (rc == RF_OK)
        rc = look_over(s, sources, n, eb);
    s->cfg.mask.piece = s->piece;
    if (rc == RF_OK && cfg->group)
        rc = take_group(s, eb);
    if (rc != RF_OK) {
        train_set_free(s);
        return rc;
    }
    *out = s;
    return RF_OK;
}

int train_set_load(struct train_set **s, char *const *words, size_t n,
                   const struct train_set_cfg *cfg, struct errbuf *eb)
{
    struct mix_source *sources = calloc(n + 1, sizeof *sources);
    int rc = RF_OK;

    if (!sources)
        return err_nomem(eb);
    for (size_t i = 0; i < n && rc == RF_OK; i++)
        rc = mix_source_read(&sources[i], words[i], eb);
    if (rc == RF_OK)
        rc = n ? load(s, sources, n, cfg, eb) : err_set(eb, RF_EUSAGE, "no shard is named");
    free(sources);
    return rc;
}

void train_set_free(struct train_set *s)
{
    if (!s)
        return;
    mix_free(s->mix);
    free(s->group);
    free(s->turn);
    free(s->piece);
    free(s->counts);
    free(s->ids);
    free(s->labels);
    free(s->positions);
    free(s);
}

const struct shard_info *train_set_info(const struct train_set *s)
{
    return mix_info(s->mix);
}

uint64_t train_set_count(const struct train_set *s)
{
    return mix_count(s->mix);
}

size_t train_set_bytes_held(const struct train_set *s)
{
    return (size_t)mix_bytes(s->mix);
}

uint64_t train_set_hold_more(struct train_set *s, uint64_t bytes)
{
    return mix_hold_more(s->mix, bytes);
}

const double *train_set_counts(const struct train_set *s)
{
    return s->counts;
}

void train_set_digest(const struct train_set *s, uint8_t digest[SHARD_DIGEST_BYTES])
{
    memcpy(digest, s->digest, SHARD_DIGEST_BYTES);
}

double train_set_bytes_per_label(const struct train_set *s, const struct vocab *v)
{
    const struct special_ids k = mix_info(s->mix)->special;
    double bytes = 0, ordinary = 0;

    for (size_t id = 0; id < mix_info(s->mix)->vocab_size && id < vocab_size(v); id++) {
        const char *token = vocab_token(v, (int32_t)id, NULL);

        if (special_has(&k, (int32_t)id))
            continue;
        bytes += s->counts[id] * ((double)strlen(token) + (strncmp(token, "##", 2) ? 1 : -2));
        ordinary += s->counts[id];
    }
    return bytes / (s->cfg.next_token ? s->tokens - s->records : ordinary);
}

/* --- sets with names */

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static int name_set(struct eval_sets *sets, const char *word, size_t len, struct errbuf *eb)
{
    static const char good[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    char *name;

    if (len > EVAL_NAME_MAX)
        return err_set(eb, RF_EUSAGE,
                       "a name for evaluation data is longer than %d bytes: '%.*s...'",
                       EVAL_NAME_MAX, EVAL_NAME_MAX, word);
    if (!(name = strndup(word, len)))
        return err_nomem(eb);
    sets->e[sets->n++].name = name;
    /* The name must be allowed in rf-log(5). */
    if (!*name || name[strspn(name, good)] || strcmp(name, "-") == 0)
        return err_set(eb, RF_EUSAGE,
                       "'%s' is no name for evaluation data: write name=file, of letters, "
                       "digits, _, - and .",
                       name);
    for (size_t i = 0; i + 1 < sets->n; i++)
        if (strcmp(sets->e[i].name, name) == 0)
            return err_set(eb, RF_EUSAGE, "two sets of evaluation data are called '%s'", name);
    return RF_OK;
}

/* Load "name=file", or a file, whose name then becomes the set's. */
static int load_set(struct eval_sets *sets, const char *word, const struct train_set_cfg *cfg,
                    struct errbuf *eb)
{
    const char *sign = strchr(word, '='), *file = sign ? sign + 1 : word;
    const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file;
    const char *dot = strrchr(base, '.');
    const struct mix_source source = {file, 1};
    struct train_set_cfg in_order = *cfg;
    int rc = sign ? name_set(sets, word, (size_t)(sign - word), eb)
                  : name_set(sets, base, dot ? (size_t)(dot - base) : strlen(base), eb);

    in_order.in_order = true;
    in_order.group = 0; /* the last one would have records twice */
    return rc == RF_OK ? load(&sets->e[sets->n - 1].set, &source, 1, &in_order, eb) : rc;
}

int eval_sets_load(struct eval_sets *sets, char *const *words, size_t n,
                   const struct train_set_cfg *cfg, struct errbuf *eb)
{
    struct train_set_cfg left = *cfg;
    int rc = RF_OK;

    *sets = (struct eval_sets){.e = calloc(n + 1, sizeof *sets->e)};
    if (!sets->e)
        return err_nomem(eb);
    for (size_t i = 0; i < n && rc == RF_OK; i++) {
        rc = load_set(sets, words[i], &left, eb);
        if (rc == RF_OK && left.memory) /* 0 would not mean that none is left */
            left.memory -= smaller(left.memory - 1, train_set_bytes_held(sets->e[i].set));
    }
    return rc;
}

void eval_sets_free(struct eval_sets *sets)
{
    for (size_t i = 0; i < sets->n; i++) {
        free(sets->e[i].name);
        train_set_free(sets->e[i].set);
    }
    free(sets->e);
    *sets = (struct eval_sets){0};
}

/* --- a record */

static struct mix_place place_in_order(struct train_set *s, uint64_t i)
{
    if (s->cfg.in_order) {
        uint64_t n = train_set_count(s);
        struct mix_place p = {.source = 0, .record = i % n, .pass = i / n};

        while (p.record >= mix_source_count(s->mix, p.source))
            p.record -= mix_source_count(s->mix, p.source++);
        return p;
    }
    if (i != s->next)
        mix_seek(s->mix, i);
    s->next = i + 1;
    return mix_draw(s->mix);
}

static int by_length(const void *left, const void *right)
{
    const struct placed *a = left, *b = right;

    return a->len != b->len ? (a->len > b->len) - (a->len < b->len)
                            : (a->i > b->i) - (a->i < b->i);
}

/* Sort the records of group g, and shuffle its batches. */
static void sort_group(struct train_set *s, uint64_t g)
{
    size_t n = s->cfg.group * s->cfg.batch;
    struct rng r = rng_stream(s->cfg.mask.seed, g, 0, RNG_LENGTHS);

    for (size_t k = 0; k < n; k++) {
        struct mix_place at = place_in_order(s, g * n + k);

        s->group[k] = (struct placed){
            at, shard_set_length(mix_set(s->mix, at.source), (size_t)at.record), k};
    }
    qsort(s->group, n, sizeof *s->group, by_length);
    for (size_t k = 0; k < s->cfg.group; k++) {
        size_t other = (size_t)rng_below(r, k, k + 1);

        s->turn[k] = s->turn[other];
        s->turn[other] = k;
    }
    s->in_hand = g + 1;
}

static struct mix_place place_of(struct train_set *s, uint64_t i)
{
    size_t n = s->cfg.group * s->cfg.batch, at;

    if (!n)
        return place_in_order(s, i);
    if (i / n + 1 != s->in_hand)
        sort_group(s, i / n);
    at = (size_t)(i % n);
    return s->group[s->turn[at / s->cfg.batch] * s->cfg.batch + at % s->cfg.batch].at;
}

/* The token at each position from `from` on is the label of the position before it. */
static size_t label_next(const struct shard_record *r, size_t from, uint32_t *positions,
                         int32_t *labels)
{
    size_t n = 0;

    for (size_t i = from ? from : 1; i < r->n_ids; i++, n++) {
        positions[n] = (uint32_t)i - 1;
        labels[n] = r->ids[i];
    }
    return n;
}

int train_set_get(void *self, uint64_t i, int32_t *ids, size_t *n, uint32_t *positions,
                  int32_t *labels, size_t *n_labels, struct errbuf *eb)
{
    struct train_set *s = self;
    const struct mix_place at = place_of(s, i);
    const struct shard_info *info = mix_info(s->mix);
    struct mask_cfg mask = s->cfg.mask;
    struct shard_record r;
    int rc = mix_get(s->mix, &at, ids, positions, labels, &r, eb);

    if (rc != RF_OK)
        return rc;
    *n = r.n_ids;
    *n_labels = r.n_labels;
    mask.epoch = at.pass;
    if (s->cfg.next_token)
        *n_labels = label_next(&r, s->cfg.label_from, positions, labels);
    else if (info->kind == SHARD_SEQUENCES)
        return mask_apply(&mask, info, at.record, ids, r.n_ids, positions, labels, n_labels,
                          eb);
    return RF_OK;
}
