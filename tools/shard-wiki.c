/* shard-wiki: packs sentences into sequences, for training and for evaluation. */
#include "base/tool.h"
#include "data/pack_shard.h"
#include "shard/shuffle.h"

struct cfg {
    struct pack_shard_cfg to;
    int coding;
    bool provenance;
};

static const struct opt opts[] = {
    OPT_COUNT('l', "max-len", struct cfg, to.pack.max_len, 3, SHARD_RECORD_MAX_TOKENS, "n",
              "most tokens of a sequence, with [CLS] and [SEP]"),
    OPT_FILE('o', "output", struct cfg, to.output, "shard for all sequences (standard output)"),
    OPT_FILE(0, "train", struct cfg, to.train,
             "shard for training; --eval names the other one"),
    OPT_FILE(0, "eval", struct cfg, to.eval,
             "shard for evaluation; --train names the other one"),
    OPT_SHARE(0, "eval-share", struct cfg, to.pack.eval_share,
              "share of the documents that is kept for evaluation"),
    OPT_FLAG(0, "join", struct cfg, to.pack.join,
             "let a sequence go on with the next document, so that all are full"),
    OPT_ROW_(OPT_TYPE_FLAG, 0, "renumber", struct cfg, to.renumber, bool, .flags = OPT_LOCAL,
             .help = "count the documents over all files, which were encoded apart"),
    OPT_FLAG(0, "shuffle", struct cfg, to.shuffle, "put the sequences in random order"),
    OPT_COUNT(0, "shards", struct cfg, to.shards, 1, PACK_SHARDS_MAX, "n",
              "write n files, named NAME-00000-of-0000n.rfs and so on"),
    OPT_ROW_(OPT_TYPE_SIZE, 0, "memory", struct cfg, to.memory, uint64_t,
             .min = SHUFFLE_MIN_BYTES, .max = 0x1p50, .arg = "size",
             .help = "memory for --shuffle and --shards; what is more goes to temporary files",
             .flags = OPT_LOCAL),
    OPT_COUNT('s', "seed", struct cfg, to.pack.seed, 0, 0x1p64, "n",
              "seed of --eval-share and --shuffle"),
    OPT_CODING(struct cfg, coding),
    OPT_PROVENANCE(struct cfg, provenance),
    OPT_END};

static const struct tool tool = {.name = "shard-wiki",
                                 .brief = "Pack the sentences of token shards to sequences.",
                                 .operands = "[file ...]",
                                 .max_operands = 1 << 20,
                                 .opts = opts};

static void summarize(struct tool_run *run, const struct pack_shard_totals *t,
                      const struct pack_shard_cfg *cfg)
{
    const struct pack_totals *all = &t->all;
    char split[64] = "";

    if (cfg->train)
        snprintf(split, sizeof split, " (%llu for evaluation)",
                 (unsigned long long)t->documents[1]);
    tool_summary(
        run, 0, "%llu %s%s, %llu %s (%llu cut, %llu empty), %llu %s, %llu %s, %.1f %% full",
        (unsigned long long)all->documents, plural(all->documents, "document", "documents"),
        split, (unsigned long long)all->lines, plural(all->lines, "line", "lines"),
        (unsigned long long)all->cut_lines, (unsigned long long)all->empty_lines,
        (unsigned long long)all->sequences, plural(all->sequences, "sequence", "sequences"),
        (unsigned long long)all->tokens, plural(all->tokens, "token", "tokens"),
        all->sequences
            ? 100.0 * (double)all->tokens / (double)all->sequences / (double)cfg->pack.max_len
            : 0.0);
    if (cfg->train && (t->documents[0] == 0 || t->documents[1] == 0))
        tool_note(run, "no document for %s", t->documents[0] ? "evaluation" : "training");
}

static int check_use(const struct pack_shard_cfg *cfg, struct errbuf *eb)
{
    if (!cfg->train != !cfg->eval)
        return err_set(eb, RF_EUSAGE, "--train and --eval go together");
    if (cfg->train && cfg->output)
        return err_set(eb, RF_EUSAGE, "--output takes all sequences: not with --train");
    if (cfg->shards > 1 && !cfg->train && !cfg->output)
        return err_set(eb, RF_EUSAGE, "--shards needs --output, or --train and --eval");
    return RF_OK;
}

static int pack(const struct cfg *cfg, struct shard_reader *from, struct tool_run *run)
{
    const struct shard_maker by = {.tool = "shard-wiki " RF_VERSION,
                                   .opts = opts,
                                   .cfg = cfg,
                                   .provenance = cfg->provenance,
                                   .coding = cfg->coding};
    struct progress p = {.label = tool.name, .on = !run->quiet};
    struct pack_shard_totals t;
    int rc = pack_shard(from, &cfg->to, &by, &t, &p, &run->eb);

    if (rc == RF_OK)
        summarize(run, &t, &cfg->to);
    return rc;
}

int main(int argc, char **argv)
{
    struct cfg cfg = {.to = {.pack = PACK_CFG_DEFAULT, .memory = 256 << 20, .shards = 1},
                      .coding = SHARD_PACKED,
                      .provenance = true};
    struct shard_reader *from = NULL;
    struct tool_run run;
    int rc;

    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    rc = check_use(&cfg.to, &run.eb);
    if (rc == RF_OK)
        rc = shard_files_open(&from, run.operands, run.n_operands, &run.eb);
    if (rc == RF_OK)
        rc = shard_reader_want(from, SHARD_TOKENS, &run.eb);
    if (rc == RF_OK)
        rc = pack(&cfg, from, &run);
    shard_reader_close(from);
    return tool_finish(&run, rc);
}
