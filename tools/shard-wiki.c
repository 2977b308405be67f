/* shard-wiki: pack sentences to sequences, for training and for evaluation. */
#include "base/tool.h"
#include "data/pack.h"

struct cfg {
    struct pack_cfg pack;
    const char *output, *train, *eval;
    bool provenance;
};

static const struct opt opts[] = {
    OPT_COUNT('l', "max-len", struct cfg, pack.max_len, 3, SHARD_RECORD_MAX_TOKENS, "n",
              "most tokens of a sequence, [CLS] and [SEP] included"),
    OPT_FILE('o', "output", struct cfg, output, "all sequences (standard output)"),
    OPT_FILE(0, "train", struct cfg, train, "sequences for training, with --eval"),
    OPT_FILE(0, "eval", struct cfg, eval, "sequences for evaluation, with --train"),
    OPT_SHARE(0, "eval-share", struct cfg, pack.eval_share, "documents for evaluation"),
    OPT_COUNT('s', "seed", struct cfg, pack.seed, 0, 0x1p64, "n", "seed of that choice"),
    OPT_PROVENANCE(struct cfg, provenance),
    OPT_END};

static const struct tool tool = {.name = "shard-wiki",
                                 .brief = "Pack the sentences of token shards to sequences.",
                                 .operands = "[file ...]",
                                 .max_operands = 1 << 20,
                                 .opts = opts};

/* Where sequences go: all of them, or those for training and those for evaluation. */
struct sinks {
    struct shard_file file[2];
    uint64_t documents[2];
    size_t n;
};

static int open_sink(struct sinks *s, const struct cfg *cfg, const struct shard_info *from,
                     const char *name, const char *part, struct errbuf *eb)
{
    struct shard_info info = *from;
    struct buf chain = {0};
    int rc = RF_OK;

    info.kind = SHARD_SEQUENCES;
    info.max_len = (uint32_t)cfg->pack.max_len;
    if (cfg->provenance)
        rc = shard_chain_add(&chain, from->chain, "shard-wiki " RF_VERSION, opts, cfg, part);
    info.chain = chain.data;
    if (rc == RF_OK)
        rc = shard_file_open(&s->file[s->n], name, &info, eb);
    s->n += rc == RF_OK;
    buf_free(&chain);
    return rc;
}

static int open_sinks(struct sinks *s, const struct cfg *cfg, const struct shard_info *from,
                      struct errbuf *eb)
{
    int rc;

    if (!cfg->train)
        return open_sink(s, cfg, from, cfg->output, "part=all", eb);
    rc = open_sink(s, cfg, from, cfg->train, "part=train", eb);
    return rc == RF_OK ? open_sink(s, cfg, from, cfg->eval, "part=eval", eb) : rc;
}

static int pack_all(struct pack *pack, struct shard_reader *from, const struct cfg *cfg,
                    struct sinks *to, struct tool_run *run)
{
    struct shard_record doc;
    struct progress progress;
    int rc;

    progress_start(&progress, tool.name, "B", 0, shard_reader_size(from), !run->quiet);
    while ((rc = shard_next(from, &doc, &run->eb)) == 1) {
        size_t i = to->n == 2 && pack_is_eval(&cfg->pack, doc.doc);

        if ((rc = pack_document(pack, &doc, to->file[i].writer, &run->eb)) != RF_OK)
            break;
        to->documents[i]++;
        progress_show(&progress, shard_reader_consumed(from), NULL);
    }
    progress_clear(&progress);
    return rc;
}

static void summarize(struct tool_run *run, const struct pack_totals *t, const struct sinks *s,
                      uint64_t max_len)
{
    char split[64] = "";

    if (s->n == 2)
        snprintf(split, sizeof split, " (%llu for evaluation)",
                 (unsigned long long)s->documents[1]);
    tool_summary(run, 0,
                 "%llu documents%s, %llu lines (%llu cut, %llu empty), %llu sequences, "
                 "%llu tokens, %.1f %% full",
                 (unsigned long long)t->documents, split, (unsigned long long)t->lines,
                 (unsigned long long)t->cut_lines, (unsigned long long)t->empty_lines,
                 (unsigned long long)t->sequences, (unsigned long long)t->tokens,
                 t->sequences
                     ? 100.0 * (double)t->tokens / (double)t->sequences / (double)max_len
                     : 0.0);
}

static int check_use(const struct cfg *cfg, struct errbuf *eb)
{
    if (!cfg->train != !cfg->eval)
        return err_set(eb, RF_EUSAGE, "--train and --eval go together");
    if (cfg->train && cfg->output)
        return err_set(eb, RF_EUSAGE, "--output takes all sequences: not with --train");
    return RF_OK;
}

int main(int argc, char **argv)
{
    struct cfg cfg = {.pack = PACK_CFG_DEFAULT, .provenance = true};
    struct shard_reader *from = NULL;
    struct pack *pack = NULL;
    struct sinks to = {0};
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
    rc = shard_files_close(to.file, to.n, rc, &run.eb);
    if (rc == RF_OK) {
        struct pack_totals totals = pack_totals(pack);

        summarize(&run, &totals, &to, cfg.pack.max_len);
        if (to.n == 2 && (to.documents[0] == 0 || to.documents[1] == 0))
            tool_note(&run, "no document for %s", to.documents[0] ? "evaluation" : "training");
    }
    pack_free(pack);
    shard_reader_close(from);
    return tool_finish(&run, rc);
}
