/* shard-cat: print, describe, check, cut and join shards. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/tool.h"
#include "shard/shard_print.h"
#include "shard/shard_text.h"

struct cfg {
    const char *output, *vocab;
    uint64_t head, from, to;
    int format, coding;
    bool info, check, count, provenance;
};

static const struct opt opts[] = {
    OPT_FILE('o', "output", struct cfg, output, "what is printed (standard output)"),
    OPT_CHOICE('f', "format", struct cfg, format, print_format_names, "name",
               "how records are printed"),
    OPT_FILE('V', "vocab", struct cfg, vocab, "print tokens of this vocabulary, not ids"),
    OPT_FLAG(0, "info", struct cfg, info, "print the header and totals"),
    OPT_FLAG(0, "check", struct cfg, check, "print one line if every byte is right"),
    OPT_FLAG(0, "count", struct cfg, count, "print the number of records"),
    OPT_CODING(struct cfg, coding),
    OPT_PROVENANCE(struct cfg, provenance),
#define RANGE 7 /* what follows says what a shard that is written holds */
    OPT_COUNT('n', "head", struct cfg, head, 0, 0x1p64, "n",
              "stop after n records; 0: at the end"),
    OPT_COUNT(0, "from", struct cfg, from, 0, 0x1p64, "n", "first record, counted from 0"),
    OPT_COUNT(0, "to", struct cfg, to, 0, 0x1p64, "n",
              "stop before this record; 0: at the end"),
    OPT_END};

static const struct tool tool = {.name = "shard-cat",
                                 .brief = "Print, describe, check, cut and join shards.",
                                 .operands = "[file ...]",
                                 .max_operands = 1 << 20,
                                 .opts = opts};

static int check_use(const struct cfg *cfg, struct errbuf *eb)
{
    int answers = cfg->info + cfg->check + cfg->count;

    if (answers > 1)
        return err_set(eb, RF_EUSAGE, "only one of --info, --check and --count");
    if (answers && (cfg->head || cfg->vocab || cfg->from || cfg->to || cfg->format))
        return err_set(eb, RF_EUSAGE,
                       "--head, --from, --to, --format and --vocab are for printing records");
    if (cfg->head && cfg->to)
        return err_set(eb, RF_EUSAGE, "only one of --head and --to");
    if (cfg->to && cfg->to < cfg->from)
        return err_set(eb, RF_EUSAGE, "--to is before --from");
    if (cfg->vocab && cfg->format != PRINT_TEXT && cfg->format != PRINT_JSONL)
        return err_set(eb, RF_EUSAGE, "--vocab is for text and jsonl");
    return RF_OK;
}

/* How many records to print at most. */
static uint64_t wanted(const struct cfg *cfg)
{
    return cfg->head ? cfg->head : cfg->to ? cfg->to - cfg->from : UINT64_MAX;
}

static int put_answer(struct buf *text, const struct cfg *cfg, const struct shard_info *info,
                      const struct shard_totals *t)
{
    if (cfg->info)
        return shard_text_info(text, info, t);
    if (cfg->count)
        return buf_printf(text, "%llu\n", (unsigned long long)t->records);
    return buf_printf(text,
                      "ok: records %llu, tokens %llu, labels %llu, frames %llu, parts %llu\n",
                      (unsigned long long)t->records, (unsigned long long)t->tokens,
                      (unsigned long long)t->labels, (unsigned long long)t->frames,
                      (unsigned long long)t->parts);
}

/* --info and --count ask the end frames where they can, --check reads all. */
static int answer(const struct cfg *cfg, struct shard_reader *from, FILE *to,
                  struct tool_run *run)
{
    struct buf text = {0};
    struct shard_record r;
    struct shard_totals totals;
    struct progress progress;
    int known = 0, rc = 0;

    if (!cfg->check)
        known = shard_files_totals(&totals, run->operands, run->n_operands, &run->eb);
    if (known < 0)
        return known;
    progress_start(&progress, tool.name, "B", 0, shard_reader_size(from), !run->quiet);
    while (!known && (rc = shard_next(from, &r, &run->eb)) == 1)
        progress_show(&progress, shard_reader_consumed(from), NULL);
    progress_clear(&progress);
    if (!known)
        totals = shard_reader_totals(from);
    if (rc == RF_OK && put_answer(&text, cfg, shard_reader_info(from), &totals) != RF_OK)
        rc = err_nomem(&run->eb);
    if (rc == RF_OK && fwrite(text.data, 1, text.len, to) != text.len)
        rc = err_set(&run->eb, RF_EIO, "cannot write: %s", strerror(errno));
    buf_free(&text);
    return rc;
}

/* How many records will be printed: from the end frames, or UINT64_MAX. */
static int count_ahead(uint64_t *count, const struct cfg *cfg, struct tool_run *run)
{
    struct shard_totals t;
    int rc = RF_OK;

    *count = UINT64_MAX;
    if (cfg->format != PRINT_NPY)
        return RF_OK;
    if ((rc = shard_files_totals(&t, run->operands, run->n_operands, &run->eb)) == 1) {
        *count = t.records > cfg->from ? t.records - cfg->from : 0;
        *count = *count < wanted(cfg) ? *count : wanted(cfg);
    }
    return rc < 0 ? rc : RF_OK;
}

static int print_records(const struct cfg *cfg, struct shard_reader *from,
                         struct shard_print *to, bool visible, struct tool_run *run)
{
    struct shard_record r;
    struct progress progress;
    int rc = shard_reader_seek(from, cfg->from, &run->eb);

    progress_start(&progress, tool.name, "B", 0, shard_reader_size(from),
                   !run->quiet && !visible);
    for (uint64_t n = wanted(cfg); rc == RF_OK && n > 0; n--) {
        if ((rc = shard_next(from, &r, &run->eb)) != 1)
            break;
        rc = shard_print(to, &r, &run->eb);
        progress_show(&progress, shard_reader_consumed(from), NULL);
    }
    progress_clear(&progress);
    return rc;
}

static int print_all(const struct cfg *cfg, struct shard_reader *from, FILE *file,
                     struct tool_run *run)
{
    struct shard_info info = *shard_reader_info(from);
    struct buf chain = {0};
    struct vocab *v = NULL;
    struct shard_print *to = NULL;
    uint64_t count;
    int rc = RF_OK;

    if (cfg->provenance)
        rc = shard_chain_add(&chain, info.chain, "shard-cat " RF_VERSION, opts + RANGE, cfg,
                             NULL);
    info.chain = chain.data;
    info.coding = cfg->coding;
    if (rc == RF_OK && cfg->vocab)
        rc = shard_vocab_read(&v, cfg->vocab, &info, &run->eb);
    if (rc == RF_OK)
        rc = count_ahead(&count, cfg, run);
    if (rc == RF_OK)
        rc = shard_print_open(&to, file, (enum print_format)cfg->format, &info, v, count,
                              &run->eb);
    if (rc == RF_OK)
        rc = print_records(cfg, from, to, isatty(fileno(file)), run);
    rc = shard_print_close(to, rc, &run->eb);
    vocab_free(v);
    buf_free(&chain);
    return rc;
}

int main(int argc, char **argv)
{
    struct cfg cfg = {.coding = SHARD_PACKED, .provenance = true};
    struct shard_reader *from = NULL;
    struct output *to = NULL;
    struct tool_run run;
    int rc;

    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    rc = check_use(&cfg, &run.eb);
    if (rc == RF_OK)
        rc = shard_files_open(&from, run.operands, run.n_operands, &run.eb);
    if (rc == RF_OK && cfg.format == PRINT_SHARD)
        shard_reader_thread(from);
    if (rc == RF_OK)
        rc = output_open(&to, cfg.output, cfg.format < PRINT_NPY ? OUTPUT_TEXT : OUTPUT_BINARY,
                         &run.eb);
    if (rc == RF_OK)
        rc = cfg.info || cfg.check || cfg.count ? answer(&cfg, from, output_file(to), &run)
                                                : print_all(&cfg, from, output_file(to), &run);
    if (rc == RF_OK) {
        struct shard_totals t = shard_reader_totals(from);

        tool_summary(&run, 0, "%llu records, %llu tokens", (unsigned long long)t.records,
                     (unsigned long long)t.tokens);
        rc = output_commit(to, &run.eb);
        to = NULL; /* it is freed */
    }
    output_abort(to);
    shard_reader_close(from);
    return tool_finish(&run, rc);
}
