/* shard-cat: print, describe and check shards. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/tool.h"
#include "data/shard_text.h"

struct cfg {
    const char *output, *vocab;
    uint64_t head;
    bool info, check, count;
};

static const struct opt opts[] = {
    OPT_FILE('o', "output", struct cfg, output, "the text (standard output)"),
    OPT_FILE('V', "vocab", struct cfg, vocab, "print tokens of this vocabulary, not ids"),
    OPT_COUNT('n', "head", struct cfg, head, 0, 0x1p64, "n",
              "stop after n records; 0: at the end"),
    OPT_FLAG(0, "info", struct cfg, info, "print the header and totals"),
    OPT_FLAG(0, "check", struct cfg, check, "print one line if every byte is right"),
    OPT_FLAG(0, "count", struct cfg, count, "print the number of records"),
    OPT_END};

static const struct tool tool = {.name = "shard-cat",
                                 .brief = "Print, describe and check shards.",
                                 .operands = "[file ...]",
                                 .max_operands = 1 << 20,
                                 .opts = opts};

static int check_use(const struct cfg *cfg, struct errbuf *eb)
{
    int answers = cfg->info + cfg->check + cfg->count;

    if (answers > 1)
        return err_set(eb, RF_EUSAGE, "only one of --info, --check and --count");
    if (answers && (cfg->head || cfg->vocab))
        return err_set(eb, RF_EUSAGE, "--head and --vocab are for printing records");
    return RF_OK;
}

static int put_answer(struct buf *text, const struct cfg *cfg, const struct shard_reader *from)
{
    struct shard_totals t = shard_reader_totals(from);

    if (cfg->info)
        return shard_text_info(text, shard_reader_info(from), &t);
    if (cfg->count)
        return buf_printf(text, "%llu\n", (unsigned long long)t.records);
    if (cfg->check)
        return buf_printf(
            text, "ok: records %llu, tokens %llu, labels %llu, frames %llu, parts %llu\n",
            (unsigned long long)t.records, (unsigned long long)t.tokens,
            (unsigned long long)t.labels, (unsigned long long)t.frames,
            (unsigned long long)t.parts);
    return RF_OK;
}

static int print_text(FILE *to, struct buf *text, struct errbuf *eb)
{
    if (text->len && fwrite(text->data, 1, text->len, to) != text->len)
        return err_set(eb, RF_EIO, "cannot write: %s", strerror(errno));
    buf_clear(text);
    return RF_OK;
}

static int print_all(const struct cfg *cfg, struct shard_reader *from, const struct vocab *v,
                     FILE *to, struct tool_run *run)
{
    bool records = !cfg->info && !cfg->check && !cfg->count;
    struct buf text = {0};
    struct shard_record r;
    struct progress progress;
    int rc = RF_OK;

    progress_start(&progress, tool.name, "B", 0, shard_reader_size(from),
                   !run->quiet && !isatty(fileno(to)));
    for (uint64_t n = 0; rc == RF_OK && !(cfg->head && n == cfg->head); n++) {
        if ((rc = shard_next(from, &r, &run->eb)) != 1)
            break;
        rc = records ? shard_text_put(&text, shard_reader_info(from), &r, v) : RF_OK;
        if (rc == RF_OK)
            rc = print_text(to, &text, &run->eb);
        progress_show(&progress, shard_reader_consumed(from), NULL);
    }
    progress_clear(&progress);
    if (rc == RF_OK && (rc = put_answer(&text, cfg, from)) == RF_OK)
        rc = print_text(to, &text, &run->eb);
    buf_free(&text);
    return rc;
}

int main(int argc, char **argv)
{
    struct cfg cfg = {0};
    struct shard_reader *from = NULL;
    struct vocab *v = NULL;
    struct output *to = NULL;
    struct tool_run run;
    int rc;

    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    rc = check_use(&cfg, &run.eb);
    if (rc == RF_OK)
        rc = shard_files_open(&from, run.operands, run.n_operands, &run.eb);
    if (rc == RF_OK && cfg.vocab)
        rc = shard_vocab_read(&v, cfg.vocab, shard_reader_info(from), &run.eb);
    if (rc == RF_OK)
        rc = output_open(&to, cfg.output, OUTPUT_TEXT, &run.eb);
    if (rc == RF_OK && (rc = print_all(&cfg, from, v, output_file(to), &run)) == RF_OK) {
        struct shard_totals t = shard_reader_totals(from);

        tool_summary(&run, 0, "%llu records, %llu tokens", (unsigned long long)t.records,
                     (unsigned long long)t.tokens);
        rc = output_commit(to, &run.eb);
        to = NULL; /* it is freed */
    }
    output_abort(to);
    vocab_free(v);
    shard_reader_close(from);
    return tool_finish(&run, rc);
}
