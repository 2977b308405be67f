/* shard-mix: mixes several shards into one by weight. */
#include "base/tool.h"
#include "shard/mix.h"

struct cfg {
    const char *output;
    uint64_t records, from, seed;
    int coding;
    bool provenance;
};

enum { SOURCES_MAX = 1024 };

static const struct opt opts[] = {
    OPT_FILE('o', "output", struct cfg, output, "shard to write (standard output)"),
    OPT_COUNT('n', "records", struct cfg, records, 0, 0x1p63, "n",
              "records of the mix; 0: as many as all files hold together"),
    OPT_COUNT(0, "from", struct cfg, from, 0, 0x1p63, "n",
              "leave out the records before this one"),
    OPT_COUNT('s', "seed", struct cfg, seed, 0, 0x1p64, "n",
              "seed of the choice and the order"),
    OPT_CODING(struct cfg, coding),
    OPT_PROVENANCE(struct cfg, provenance),
    OPT_END};

static const struct tool tool = {.name = "shard-mix",
                                 .brief = "Mix shards by weight.",
                                 .operands = "file[=weight] ...",
                                 .min_operands = 1,
                                 .max_operands = SOURCES_MAX,
                                 .opts = opts};

static int read_sources(struct mix_source *sources, struct tool_run *run)
{
    int rc = RF_OK;

    for (int i = 0; i < run->n_operands && rc == RF_OK; i++)
        rc = mix_source_read(&sources[i], run->operands[i], &run->eb);
    return rc;
}

static int describe_weights(struct buf *to, const struct mix_source *sources, int n)
{
    int rc = RF_OK;

    for (int i = 0; i < n && rc == RF_OK; i++)
        rc = buf_printf(to, "%s%.15g", i ? ":" : "weights=", sources[i].weight);
    return rc;
}

static int open_output(struct shard_file *to, const struct cfg *cfg, const struct mix *m,
                       const struct mix_source *sources, int n, struct errbuf *eb)
{
    struct buf weights = {0};
    struct shard_maker by = {.tool = "shard-mix " RF_VERSION,
                             .opts = opts,
                             .cfg = cfg,
                             .provenance = cfg->provenance,
                             .coding = cfg->coding};
    int rc = describe_weights(&weights, sources, n);

    by.more = weights.data;
    rc = rc == RF_OK ? shard_file_make(to, cfg->output, mix_info(m), &by, eb) : err_nomem(eb);
    if (rc == RF_OK)
        shard_writer_thread(to->writer);
    buf_free(&weights);
    return rc;
}

static int mix_all(const struct cfg *cfg, struct mix *m, struct shard_writer *to,
                   struct tool_run *run)
{
    uint64_t end = cfg->records ? cfg->records : mix_count(m), tokens = 0;
    struct shard_record r;
    struct progress progress;
    int rc = RF_OK;

    mix_seek(m, cfg->from < end ? cfg->from : end);
    progress_start(&progress, tool.name, "records", cfg->from, end, !run->quiet);
    for (uint64_t i = cfg->from; i < end && rc == RF_OK; i++) {
        if ((rc = mix_next(m, &r, &run->eb)) != RF_OK)
            break;
        tokens += r.n_ids;
        rc = shard_write(to, &r, &run->eb);
        progress_show(&progress, i, NULL);
    }
    progress_clear(&progress);
    end = end > cfg->from ? end - cfg->from : 0;
    tool_summary(run, 0, "%llu %s, %llu %s", (unsigned long long)end,
                 plural(end, "record", "records"), (unsigned long long)tokens,
                 plural(tokens, "token", "tokens"));
    return rc;
}

int main(int argc, char **argv)
{
    struct cfg cfg = {.seed = 1, .coding = SHARD_PACKED, .provenance = true};
    struct mix_source sources[SOURCES_MAX] = {0};
    struct mix *m = NULL;
    struct shard_file to = {0};
    struct tool_run run;
    int rc;

    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    rc = read_sources(sources, &run);
    if (rc == RF_OK && cfg.records && cfg.from > cfg.records)
        rc = err_set(&run.eb, RF_EUSAGE, "--from is behind --records");
    if (rc == RF_OK)
        rc = mix_open(&m, sources, (size_t)run.n_operands, &(struct mix_cfg){.seed = cfg.seed},
                      &run.eb);
    if (rc == RF_OK)
        rc = open_output(&to, &cfg, m, sources, run.n_operands, &run.eb);
    if (rc == RF_OK) {
        rc = mix_all(&cfg, m, to.writer, &run);
        rc = shard_files_close(&to, 1, rc, &run.eb);
    }
    mix_free(m);
    return tool_finish(&run, rc);
}
