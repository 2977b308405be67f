#include "shard/shard_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "shard/shard_format.h"

enum { SET_FREE_BYTES = 64 << 20, MAX_LEN_FREE = 1 << 20 };

struct shard_set {
    struct shard_info info;
    char *chain, *classes;
    size_t count;
    uint64_t tokens, n_labels;
    /* A u64 per record. starts[i] ids and label_starts[i] labels are before those of record i,
     * and there is one more of each, for the end. */
    struct buf docs, starts, label_starts;
    struct buf ids, positions, labels;
};

static int put_u64(struct buf *b, uint64_t v)
{
    uint8_t p[8];

    put_le64(p, v);
    return buf_put(b, p, sizeof p);
}

static int put_numbers(struct buf *b, const uint32_t *v, size_t n, size_t width)
{
    if (buf_reserve(b, n * width) != RF_OK)
        return RF_ENOMEM;
    shard_put_numbers(b, v, n, width);
    return RF_OK;
}

/* Read n numbers, beginning with number `first`. */
static void get_numbers(void *to, const struct buf *b, uint64_t first, size_t n, size_t width)
{
    shard_get_numbers(to, (const uint8_t *)b->data + first * width, n, width);
}

static int put_ends(struct shard_set *s)
{
    if (put_u64(&s->starts, s->tokens) != RF_OK)
        return RF_ENOMEM;
    return shard_has_labels(&s->info) ? put_u64(&s->label_starts, s->n_labels) : RF_OK;
}

int shard_set_new(struct shard_set **out, const struct shard_info *info, struct errbuf *eb)
{
    struct shard_set *s = calloc(1, sizeof *s);

    if (!s)
        return err_nomem(eb);
    s->info = *info;
    s->info.chain = s->info.classes = NULL;
    if (put_ends(s) != RF_OK) {
        shard_set_free(s);
        return err_nomem(eb);
    }
    *out = s;
    return RF_OK;
}

int shard_set_add(struct shard_set *s, const struct shard_record *r)
{
    size_t id = shard_id_bytes(&s->info), gap = shard_gap_bytes(&s->info);

    if (put_u64(&s->docs, r->doc) != RF_OK ||
        put_numbers(&s->ids, (const uint32_t *)r->ids, r->n_ids, id) != RF_OK)
        return RF_ENOMEM;
    if (shard_has_labels(&s->info) &&
        (put_numbers(&s->positions, r->positions, r->n_labels, gap) != RF_OK ||
         put_numbers(&s->labels, (const uint32_t *)r->labels, r->n_labels,
                     shard_label_bytes(&s->info)) != RF_OK))
        return RF_ENOMEM;
    s->count++;
    s->tokens += r->n_ids;
    s->n_labels += r->n_labels;
    return put_ends(s);
}

void shard_set_clear(struct shard_set *s)
{
    buf_clear(&s->docs);
    buf_clear(&s->ids);
    buf_clear(&s->positions);
    buf_clear(&s->labels);
    s->starts.len = sizeof(uint64_t); /* the end of nothing stays: it is 0 */
    s->label_starts.len = shard_has_labels(&s->info) ? sizeof(uint64_t) : 0;
    s->count = 0;
    s->tokens = s->n_labels = 0;
}

/* A small file may hold many frames that are large in memory. What is kept of them all is
 * bounded by the file's bytes, as one frame is. */
static int check_size(const struct shard_set *s, const struct shard_reader *r, const char *name,
                      struct errbuf *eb)
{
    uint64_t bytes = shard_set_bytes(s);

    if (bytes <= SET_FREE_BYTES || bytes / SHARD_SWELL_MAX <= shard_reader_consumed(r))
        return RF_OK;
    return err_set(eb, RF_ERANGE, "data expand over %d times in '%s'", SHARD_SWELL_MAX, name);
}

int shard_max_len_check(const struct shard_info *info, size_t longest, const char *name,
                        struct errbuf *eb)
{
    if (info->max_len <= MAX_LEN_FREE || info->max_len / SHARD_SWELL_MAX <= longest)
        return RF_OK;
    return err_set(eb, RF_ERANGE,
                   "'%s' says its sequences have up to %u tokens, the longest has %zu", name,
                   info->max_len, longest);
}

static int add_all(struct shard_set *s, struct shard_reader *r, const char *name,
                   struct errbuf *eb)
{
    struct shard_record rec;
    size_t longest = 0;
    int rc;

    while ((rc = shard_next(r, &rec, eb)) == 1) {
        if (shard_set_add(s, &rec) != RF_OK)
            return err_nomem(eb);
        if ((rc = check_size(s, r, name, eb)) != RF_OK)
            return rc;
        longest = rec.n_ids > longest ? rec.n_ids : longest;
    }
    return rc == RF_OK && s->count ? shard_max_len_check(&s->info, longest, name, eb) : rc;
}

/* Keep the texts of a header, which its reader owns. */
static int keep_texts(struct shard_set *s, const struct shard_info *info, struct errbuf *eb)
{
    s->info.chain = s->chain = strdup(info->chain);
    s->info.classes = s->classes = strdup(info->classes);
    return s->chain && s->classes ? RF_OK : err_nomem(eb);
}

/* Make the set of an open shard and read all records. */
static int load(struct shard_set **out, struct shard_reader *r, const char *name,
                struct errbuf *eb)
{
    const struct shard_info *info = shard_reader_info(r);
    struct shard_set *s = NULL;
    int rc = info->kind == SHARD_TOKENS ? shard_reader_want(r, SHARD_SEQUENCES, eb)
                                        : shard_set_new(&s, info, eb);

    if (rc == RF_OK && s)
        rc = keep_texts(s, info, eb);
    if (rc == RF_OK && s)
        rc = add_all(s, r, name, eb);
    if (rc == RF_OK)
        *out = s;
    else
        shard_set_free(s);
    return rc;
}

int shard_load(struct shard_set **set, const char *name, struct errbuf *eb)
{
    struct shard_reader *r = NULL;
    struct input *in = NULL;
    int rc = input_open(&in, name, INPUT_RAW, eb);

    if (rc == RF_OK)
        rc = shard_reader_open(&r, in, eb);
    if (rc == RF_OK) {
        shard_reader_thread(r);
        rc = load(set, r, input_name(in), eb);
    }
    shard_reader_close(r);
    input_close(in);
    return rc;
}

const struct shard_info *shard_set_info(const struct shard_set *set)
{
    return &set->info;
}

size_t shard_set_count(const struct shard_set *set)
{
    return set->count;
}

/* These are the lengths of the buffers: memory that is reserved behind them was
 * never touched. */
uint64_t shard_set_bytes(const struct shard_set *set)
{
    return set->docs.len + set->starts.len + set->label_starts.len + set->ids.len +
           set->positions.len + set->labels.len;
}

uint64_t shard_set_bytes_of(const struct shard_info *info, const struct shard_totals *t)
{
    uint64_t bytes = 16 * t->records + shard_id_bytes(info) * t->tokens;

    if (shard_has_labels(info))
        bytes += 8 * t->records + (shard_gap_bytes(info) + shard_label_bytes(info)) * t->labels;
    return bytes;
}

void shard_set_get(const struct shard_set *set, size_t i, int32_t *ids, uint32_t *positions,
                   int32_t *labels, struct shard_record *r)
{
    size_t id = shard_id_bytes(&set->info), gap = shard_gap_bytes(&set->info);
    const uint8_t *starts = (const uint8_t *)set->starts.data + 8 * i;
    const uint8_t *label_starts = (const uint8_t *)set->label_starts.data + 8 * i;
    uint64_t first = get_le64(starts);

    *r = (struct shard_record){.doc = get_le64((const uint8_t *)set->docs.data + 8 * i),
                               .ids = ids,
                               .n_ids = shard_set_length(set, i)};
    get_numbers(ids, &set->ids, first, r->n_ids, id);
    if (!shard_has_labels(&set->info))
        return;
    first = get_le64(label_starts);
    r->n_labels = (size_t)(get_le64(label_starts + 8) - first);
    r->positions = positions;
    r->labels = labels;
    get_numbers(positions, &set->positions, first, r->n_labels, gap);
    get_numbers(labels, &set->labels, first, r->n_labels, shard_label_bytes(&set->info));
}

size_t shard_set_length(const struct shard_set *set, size_t i)
{
    const uint8_t *starts = (const uint8_t *)set->starts.data + 8 * i;

    return (size_t)(get_le64(starts + 8) - get_le64(starts));
}

void shard_set_free(struct shard_set *set)
{
    if (!set)
        return;
    buf_free(&set->docs);
    buf_free(&set->starts);
    buf_free(&set->label_starts);
    buf_free(&set->ids);
    buf_free(&set->positions);
    buf_free(&set->labels);
    free(set->chain);
    free(set->classes);
    free(set);
}
