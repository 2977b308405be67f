#include "data/pack_shard.h"

#include <stdlib.h>

#include "shard/shuffle.h"

/* Where sequences go: all of them, or those for training, or those for evaluation. */
struct sink {
    const char *name;         /* as the user gave it; NULL: standard output */
    struct shard_file *files; /* cfg->shards files */
    struct shuffle *shuffle;  /* NULL: the sequences go directly to the only file */
};

struct packing {
    const struct pack_shard_cfg *cfg;
    const struct shard_info *from;
    const struct shard_maker *by;
    struct shard_file files[2 * PACK_SHARDS_MAX];
    size_t n_files;
    struct sink sink[2];
    struct pack *pack[2]; /* of each sink */
    size_t n;
};

static int open_file(struct packing *k, const char *name, const char *part, uint64_t number,
                     struct errbuf *eb)
{
    const struct pack_shard_cfg *cfg = k->cfg;
    struct shard_info info = *k->from;
    struct shard_maker by = *k->by;
    struct buf numbered = {0};
    char more[64];
    int rc = RF_OK;

    snprintf(more, sizeof more, cfg->shards > 1 ? "part=%s shard=%llu" : "part=%s", part,
             (unsigned long long)number);
    by.more = more;
    info.kind = SHARD_SEQUENCES;
    info.max_len = (uint32_t)cfg->pack.max_len;
    if (cfg->shards > 1 && shard_name(&numbered, name, number, cfg->shards) != RF_OK)
        rc = err_nomem(eb);
    if (rc == RF_OK)
        rc = shard_file_make(&k->files[k->n_files], cfg->shards > 1 ? numbered.data : name,
                             &info, &by, eb);
    if (rc == RF_OK)
        shard_writer_thread(k->files[k->n_files++].writer);
    buf_free(&numbered);
    return rc;
}

static int open_sink(struct packing *k, const char *name, const char *part, struct errbuf *eb)
{
    const struct pack_shard_cfg *cfg = k->cfg;
    const struct shuffle_cfg shuffle = {
        .memory = cfg->memory / (cfg->train ? 2 : 1),
        .near = name,
        .mixed = cfg->shuffle,
        .rng = rng_stream(cfg->pack.seed, 0, 1 + (uint32_t)k->n, RNG_SHUFFLE)};
    struct sink *sink = &k->sink[k->n++];
    int rc = RF_OK;

    sink->name = name;
    sink->files = k->files + k->n_files;
    for (uint64_t i = 0; i < cfg->shards && rc == RF_OK; i++)
        rc = open_file(k, name, part, i, eb);
    if (rc == RF_OK && (cfg->shuffle || cfg->shards > 1))
        rc = shuffle_new(&sink->shuffle, &shuffle, eb);
    return rc;
}

static int open_sinks(struct packing *k, struct errbuf *eb)
{
    int rc;

    if (!k->cfg->train)
        return open_sink(k, k->cfg->output, "all", eb);
    rc = open_sink(k, k->cfg->train, "train", eb);
    return rc == RF_OK ? open_sink(k, k->cfg->eval, "eval", eb) : rc;
}

static int put_sequence(void *self, const struct shard_record *r, struct errbuf *eb)
{
    struct sink *s = self;

    return s->shuffle ? shuffle_add(s->shuffle, r, eb) : shard_write(s->files->writer, r, eb);
}

/* A document's number in all of the input, whose parts each count from 0. The records of a
 * large document follow one another and have one number. */
struct numbering {
    uint64_t doc, parts; /* those of the record before, as the input has them */
    uint64_t documents;  /* so many were begun */
};

static uint64_t renumber(struct numbering *n, uint64_t doc, uint64_t parts)
{
    n->documents += n->documents == 0 || doc != n->doc || parts != n->parts;
    n->doc = doc;
    n->parts = parts;
    return n->documents - 1;
}

static int pack_all(struct packing *k, struct shard_reader *from, struct pack_shard_totals *t,
                    struct progress *p, struct errbuf *eb)
{
    struct numbering numbering = {0};
    struct shard_record doc;
    int rc;

    progress_start(p, p->label, "B", 0, shard_reader_size(from), p->on);
    while ((rc = shard_next(from, &doc, eb)) == 1) {
        size_t to;

        if (k->cfg->renumber)
            doc.doc = renumber(&numbering, doc.doc, shard_reader_totals(from).parts);
        to = k->n == 2 && pack_is_eval(&k->cfg->pack, doc.doc);
        if ((rc = pack_document(k->pack[to], &doc, put_sequence, &k->sink[to], eb)) != RF_OK)
            break;
        t->documents[to]++;
        progress_show(p, shard_reader_consumed(from), NULL);
    }
    progress_clear(p);
    for (size_t i = 0; i < k->n && rc == RF_OK; i++)
        rc = pack_end(k->pack[i], put_sequence, &k->sink[i], eb);
    return rc;
}

static void add_totals(struct pack_totals *all, const struct pack_totals *t)
{
    all->documents += t->documents;
    all->lines += t->lines;
    all->empty_lines += t->empty_lines;
    all->cut_lines += t->cut_lines;
    all->sequences += t->sequences;
    all->tokens += t->tokens;
}

/* Write the sequences in order. Shard i of n holds those from i/n to (i+1)/n of all, so only
 * one shard is written at a time. */
static int write_in_order(struct sink *s, uint64_t n_shards, struct progress *p,
                          struct errbuf *eb)
{
    uint64_t count = shuffle_count(s->shuffle), done = 0;
    struct shard_record r;
    int rc = RF_OK;

    if (n_shards > 1 && count < n_shards) /* who trains on an empty shard would fail */
        return err_set(eb, RF_ERANGE, "only %llu sequences for the %llu shards of '%s'",
                       (unsigned long long)count, (unsigned long long)n_shards, s->name);
    progress_start(p, p->label, "sequences", 0, count, p->on);
    for (uint64_t i = 0; i < n_shards && rc == RF_OK; i++) {
        uint64_t end = count / n_shards * (i + 1) + count % n_shards * (i + 1) / n_shards;

        for (; done < end && rc == RF_OK; done++) {
            if ((rc = shuffle_next(s->shuffle, &r, eb)) == 1)
                rc = shard_write(s->files[i].writer, &r, eb);
            progress_show(p, done, NULL);
        }
        if (rc == RF_OK) {
            rc = shard_writer_finish(s->files[i].writer, eb);
            s->files[i].writer = NULL;
        }
    }
    progress_clear(p);
    return rc;
}

static int close_sinks(struct packing *k, int rc, struct progress *p, struct errbuf *eb)
{
    for (size_t i = 0; i < k->n && rc == RF_OK; i++)
        if (k->sink[i].shuffle)
            rc = write_in_order(&k->sink[i], k->cfg->shards, p, eb);
    for (size_t i = 0; i < k->n; i++)
        shuffle_free(k->sink[i].shuffle);
    return shard_files_close(k->files, k->n_files, rc, eb);
}

int pack_shard(struct shard_reader *from, const struct pack_shard_cfg *cfg,
               const struct shard_maker *by, struct pack_shard_totals *t, struct progress *p,
               struct errbuf *eb)
{
    struct packing k = {.cfg = cfg, .from = shard_reader_info(from), .by = by};
    int rc = open_sinks(&k, eb);

    *t = (struct pack_shard_totals){0};
    for (size_t i = 0; i < k.n && rc == RF_OK; i++)
        rc = pack_new(&k.pack[i], &cfg->pack, k.from, eb);
    if (rc == RF_OK)
        rc = pack_all(&k, from, t, p, eb);
    rc = close_sinks(&k, rc, p, eb);
    for (size_t i = 0; i < k.n; i++) {
        const struct pack_totals one =
            k.pack[i] ? pack_totals(k.pack[i]) : (struct pack_totals){0};

        add_totals(&t->all, &one);
        pack_free(k.pack[i]);
    }
    return rc;
}
