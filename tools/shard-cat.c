/* shard-cat: prints, describes, checks, cuts and joins shards. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/tool.h"
#include "shard/shard_cat.h"
#include "shard/shard_text.h"

struct cfg {
    const char *output, *vocab;
    uint64_t head, from, to;
    int format, coding;
    bool info, check, count, provenance;
};

static const struct opt opts[] = {
    OPT_FILE('o', "output", struct cfg, output, "file to write (standard output)"),
    OPT_CHOICE('f', "format", struct cfg, format, print_format_names, "name",
               "form in which records are printed"),
    OPT_FILE('V', "vocab", struct cfg, vocab, "print the tokens of this vocabulary, not ids"),
    OPT_FLAG(0, "info", struct cfg, info, "print the header and the totals, not the records"),
    OPT_FLAG(0, "check", struct cfg, check,
             "check every byte and print one line if all are right"),
    OPT_FLAG(0, "count", struct cfg, count, "print only the number of records"),
    OPT_CODING(struct cfg, coding),
    OPT_PROVENANCE(struct cfg, provenance),
#define RANGE 7 /* the rows from here on choose the records, so provenance names them */
    OPT_COUNT('n', "head", struct cfg, head, 0, 0x1p64, "n", "stop after n records; 0: never"),
    OPT_COUNT(0, "from", struct cfg, from, 0, 0x1p64, "n",
              "begin at this record; the first one is 0"),
    OPT_COUNT(0, "to", struct cfg, to, 0, 0x1p64, "n", "stop before this record; 0: never"),
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

static int put_answer(struct buf *text, const struct cfg *cfg, const struct shard_info *info,
                      const struct shard_totals *t)
{
    if (cfg->info)
        return shard_text_info(text, info, t);
    if (cfg->count)
        return buf_printf(text, "%llu\n", (unsigned long long)t->records);
    return shard_text_totals(text, t);
}

static int answer(const struct cfg *cfg, struct shard_reader *from, FILE *to,
                  struct progress *p, struct tool_run *run)
{
    struct shard_totals totals;
    struct buf text = {0};
    int rc = shard_cat_totals(&totals, from, run->operands, run->n_operands, cfg->check, p,
                              &run->eb);

    progress_clear(p);
    if (rc == RF_OK && put_answer(&text, cfg, shard_reader_info(from), &totals) != RF_OK)
        rc = err_nomem(&run->eb);
    if (rc == RF_OK && fwrite(text.data, 1, text.len, to) != text.len)
        rc = err_set(&run->eb, RF_EIO, "cannot write: %s", strerror(errno));
    buf_free(&text);
    return rc;
}

static int print_all(const struct cfg *cfg, struct shard_reader *from, FILE *to,
                     struct progress *p, struct tool_run *run)
{
    const struct shard_maker by = {.tool = "shard-cat " RF_VERSION,
                                   .opts = opts + RANGE,
                                   .cfg = cfg,
                                   .provenance = cfg->provenance,
                                   .coding = cfg->coding};
    const struct shard_cat_cfg print = {.format = cfg->format,
                                        .vocab = cfg->vocab,
                                        .first = cfg->from,
                                        .count = cfg->head ? cfg->head
                                                 : cfg->to ? cfg->to - cfg->from
                                                           : UINT64_MAX};

    return shard_cat(from, run->operands, run->n_operands, to, &print, &by, p, &run->eb);
}

/* Do what was asked. There is no progress line if records are printed to a terminal. */
static int work(const struct cfg *cfg, struct shard_reader *from, struct output *to,
                struct tool_run *run)
{
    bool asked = cfg->info || cfg->check || cfg->count;
    struct progress p;
    int rc;

    progress_start(&p, tool.name, "B", 0, shard_reader_size(from),
                   !run->quiet && (asked || !output_is_terminal(to)));
    rc = asked ? answer(cfg, from, output_file(to), &p, run)
               : print_all(cfg, from, output_file(to), &p, run);
    progress_clear(&p);
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
        rc = work(&cfg, from, to, &run);
    if (rc == RF_OK) {
        struct shard_totals t = shard_reader_totals(from);

        tool_summary(&run, 0, "%llu %s, %llu %s", (unsigned long long)t.records,
                     plural(t.records, "record", "records"), (unsigned long long)t.tokens,
                     plural(t.tokens, "token", "tokens"));
    }
    rc = output_end(to, rc, &run.eb);
    shard_reader_close(from);
    return tool_finish(&run, rc);
}
