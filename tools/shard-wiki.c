/* shard-wiki: pack sentences to sequences, for training and for evaluation. */
#include <stdlib.h>

#include "base/tool.h"
#include "data/pack.h"
#include "shard/shuffle.h"

struct cfg {
    struct pack_cfg pack;
    const char *output, *train, *eval;
    uint64_t memory, shards;
    int coding;
    bool shuffle, provenance;
};

enum { SHARDS_MAX = 256 };

static const struct opt opts[] = {
    OPT_COUNT('l', "max-len", struct cfg, pack.max_len, 3, SHARD_RECORD_MAX_TOKENS, "n",
              "most tokens of a sequence, [CLS] and [SEP] included"),
    OPT_FILE('o', "output", struct cfg, output, "all sequences (standard output)"),
    OPT_FILE(0, "train", struct cfg, train, "sequences for training, with --eval"),
    OPT_FILE(0, "eval", struct cfg, eval, "sequences for evaluation, with --train"),
    OPT_SHARE(0, "eval-share", struct cfg, pack.eval_share, "documents for evaluation"),
    OPT_FLAG(0, "shuffle", struct cfg, shuffle, "put sequences in random order"),
    OPT_COUNT(0, "shards", struct cfg, shards, 1, SHARDS_MAX, "n",
              "write n files: NAME-00000-of-0000n.rfs"),
    OPT_ROW_(OPT_TYPE_SIZE, 0, "memory", struct cfg, memory, uint64_t, .min = SHUFFLE_MIN_BYTES,
             .max = 0x1p50, .arg = "size",
             .help = "for --shuffle and --shards; the rest goes to disk", .flags = OPT_LOCAL),
    OPT_COUNT('s', "seed", struct cfg, pack.seed, 0, 0x1p64, "n", "seed of both choices"),
    OPT_CODING(struct cfg, coding),
    OPT_PROVENANCE(struct cfg, provenance),
    OPT_END};

static const struct tool tool = {.name = "shard-wiki",
                                 .brief = "Pack the sentences of token shards to sequences.",
                                 .operands = "[file ...]",
                                 .max_operands = 1 << 20,
                                 .opts = opts};

/* Where sequences go: all of them, or those for training and those for evaluation. */
struct sink {
    struct shard_file *files; /* cfg.shards of them */
    struct shuffle *shuffle;  /* NULL: straight to the only file */
    uint64_t documents;
};

struct sinks {
    struct shard_file files[2 * SHARDS_MAX];
    size_t n_files;
    struct sink sink[2];
    size_t n;
};

static int open_file(struct sinks *s, const struct cfg *cfg, const struct shard_info *from,
                     const char *name, const char *part, uint64_t number, struct errbuf *eb)
{
    struct shard_info info = *from;
    struct buf chain = {0}, numbered = {0};
    char more[64];
    int rc = RF_OK;

    snprintf(more, sizeof more, cfg->shards > 1 ? "part=%s shard=%llu" : "part=%s", part,
             (unsigned long long)number);
    info.kind = SHARD_SEQUENCES;
    info.max_len = (uint32_t)cfg->pack.max_len;
    if (cfg->provenance)
        rc = shard_chain_add(&chain, from->chain, "shard-wiki " RF_VERSION, opts, cfg, more);
    if (rc == RF_OK && cfg->shards > 1)
        rc = shard_name(&numbered, name, number, cfg->shards);
    info.chain = chain.data;
    info.coding = cfg->coding;
    rc = rc == RF_OK ? shard_file_open(&s->files[s->n_files],
                                       cfg->shards > 1 ? numbered.data : name, &info, eb)
                     : err_nomem(eb);
    if (rc == RF_OK)
        shard_writer_thread(s->files[s->n_files++].writer);
    buf_free(&chain);
    buf_free(&numbered);
    return rc;
}

static int open_sink(struct sinks *s, const struct cfg *cfg, const struct shard_info *from,
                     const char *name, const char *part, struct errbuf *eb)
{
    const struct shuffle_cfg shuffle = {
        .memory = cfg->memory / (cfg->train ? 2 : 1),
        .near = name,
        .mixed = cfg->shuffle,
        .rng = rng_stream(cfg->pack.seed, 0, 1 + (uint32_t)s->n, RNG_SHUFFLE)};
    struct sink *sink = &s->sink[s->n++];
    int rc = RF_OK;

    sink->files = s->files + s->n_files;
    for (uint64_t i = 0; i < cfg->shards && rc == RF_OK; i++)
        rc = open_file(s, cfg, from, name, part, i, eb);
    if (rc == RF_OK && (cfg->shuffle || cfg->shards > 1))
        rc = shuffle_new(&sink->shuffle, &shuffle, eb);
    return rc;
}

static int open_sinks(struct sinks *s, const struct cfg *cfg, const struct shard_info *from,
                      struct errbuf *eb)
{
    int rc;

    if (!cfg->train)
        return open_sink(s, cfg, from, cfg->output, "all", eb);
    rc = open_sink(s, cfg, from, cfg->train, "train", eb);
    return rc == RF_OK ? open_sink(s, cfg, from, cfg->eval, "eval", eb) : rc;
}

static int put_sequence(void *self, const struct shard_record *r, struct errbuf *eb)
{
    struct sink *s = self;

    return s->shuffle ? shuffle_add(s->shuffle, r, eb) : shard_write(s->files->writer, r, eb);
}

static int pack_all(struct pack *pack, struct shard_reader *from, const struct cfg *cfg,
                    struct sinks *to, struct tool_run *run)
{
    struct shard_record doc;
    struct progress progress;
    int rc;

    progress_start(&progress, tool.name, "B", 0, shard_reader_size(from), !run->quiet);
    while ((rc = shard_next(from, &doc, &run->eb)) == 1) {
        struct sink *s = &to->sink[to->n == 2 && pack_is_eval(&cfg->pack, doc.doc)];

        if ((rc = pack_document(pack, &doc, put_sequence, s, &run->eb)) != RF_OK)
            break;
        s->documents++;
        progress_show(&progress, shard_reader_consumed(from), NULL);
    }
    progress_clear(&progress);
    return rc;
}

/* Shard i of n holds the sequences from i/n to (i+1)/n of all; only one is at work at a time.
 */
static int write_in_order(struct sink *s, uint64_t n_shards, struct tool_run *run)
{
    uint64_t count = shuffle_count(s->shuffle), done = 0;
    struct shard_record r;
    struct progress progress;
    int rc = RF_OK;

    progress_start(&progress, tool.name, "sequences", 0, count, !run->quiet);
    for (uint64_t i = 0; i < n_shards && rc == RF_OK; i++) {
        uint64_t end = count / n_shards * (i + 1) + count % n_shards * (i + 1) / n_shards;

        for (; done < end && rc == RF_OK; done++) {
            if ((rc = shuffle_next(s->shuffle, &r, &run->eb)) == 1)
                rc = shard_write(s->files[i].writer, &r, &run->eb);
            progress_show(&progress, done, NULL);
        }
        if (rc == RF_OK) {
            rc = shard_writer_finish(s->files[i].writer, &run->eb);
            s->files[i].writer = NULL;
        }
    }
    progress_clear(&progress);
    return rc;
}

static int close_sinks(struct sinks *s, const struct cfg *cfg, int rc, struct tool_run *run)
{
    for (size_t i = 0; i < s->n && rc == RF_OK; i++)
        if (s->sink[i].shuffle)
            rc = write_in_order(&s->sink[i], cfg->shards, run);
    for (size_t i = 0; i < s->n; i++)
        shuffle_free(s->sink[i].shuffle);
    return shard_files_close(s->files, s->n_files, rc, &run->eb);
}

static void summarize(struct tool_run *run, const struct pack_totals *t, const struct sinks *s,
                      uint64_t max_len)
{
    char split[64] = "";

    if (s->n == 2)
        snprintf(split, sizeof split, " (%llu for evaluation)",
                 (unsigned long long)s->sink[1].documents);
    tool_summary(run, 0,
                 "%llu documents%s, %llu lines (%llu cut, %llu empty), %llu sequences, "
                 "%llu tokens, %.1f %% full",
                 (unsigned long long)t->documents, split, (unsigned long long)t->lines,
                 (unsigned long long)t->cut_lines, (unsigned long long)t->empty_lines,
                 (unsigned long long)t->sequences, (unsigned long long)t->tokens,
                 t->sequences
                     ? 100.0 * (double)t->tokens / (double)t->sequences / (double)max_len
                     : 0.0);
    if (s->n == 2 && (s->sink[0].documents == 0 || s->sink[1].documents == 0))
        tool_note(run, "no document for %s", s->sink[0].documents ? "evaluation" : "training");
}

static int check_use(const struct cfg *cfg, struct errbuf *eb)
{
    if (!cfg->train != !cfg->eval)
        return err_set(eb, RF_EUSAGE, "--train and --eval go together");
    if (cfg->train && cfg->output)
        return err_set(eb, RF_EUSAGE, "--output takes all sequences: not with --train");
    if (cfg->shards > 1 && !cfg->train && !cfg->output)
        return err_set(eb, RF_EUSAGE, "--shards needs --output, or --train and --eval");
    return RF_OK;
}

int main(int argc, char **argv)
{
    struct cfg cfg = {.pack = PACK_CFG_DEFAULT,
                      .memory = 256 << 20,
                      .shards = 1,
                      .coding = SHARD_PACKED,
                      .provenance = true};
    struct shard_reader *from = NULL;
    struct pack *pack = NULL;
    struct sinks to = {.n = 0};
    struct tool_run run;
    int rc;

    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    rc = check_use(&cfg, &run.eb);
    if (rc == RF_OK)
        rc = shard_files_open(&from, run.operands, run.n_operands, &run.eb);
    if (rc == RF_OK)
        rc = shard_reader_want(from, SHARD_TOKENS, &run.eb);
    if (rc == RF_OK)
        rc = open_sinks(&to, &cfg, shard_reader_info(from), &run.eb);
    if (rc == RF_OK)
        rc = pack_new(&pack, &cfg.pack, shard_reader_info(from), &run.eb);
    if (rc == RF_OK)
        rc = pack_all(pack, from, &cfg, &to, &run);
    rc = close_sinks(&to, &cfg, rc, &run);
    if (rc == RF_OK) {
        struct pack_totals totals = pack_totals(pack);

        summarize(&run, &totals, &to, cfg.pack.max_len);
    }
    pack_free(pack);
    shard_reader_close(from);
    return tool_finish(&run, rc);
}
