/* text-filter: leaves out duplicates, texts that are too short or too long, and what is in
 * a test text. */
#include <string.h>

#include "base/tool.h"
#include "text/filter.h"

struct cfg {
    const char *output, *report, *not_in;
    struct text_cfg text;
    struct filter_cfg filter;
};

static const struct opt opts[] = {
    OPT_FILE('o', "output", struct cfg, output, "file to write the text to (standard output)"),
    OPT_FLAG(0, "dup-docs", struct cfg, filter.dup_docs, "leave out repeated documents"),
    OPT_FLAG(0, "dup-lines", struct cfg, filter.dup_lines, "leave out repeated lines"),
    OPT_SHARE(0, "near", struct cfg, filter.near,
              "leave out a document that is so much like an earlier one; 0: do not compare"),
    OPT_COUNT(0, "shingle", struct cfg, filter.shingle, 1, 1000, "n",
              "documents are compared by pieces of n characters"),
    OPT_COUNT(0, "min-line", struct cfg, filter.min_line, 0, 1e9, "n",
              "leave out lines with fewer characters"),
    OPT_COUNT(0, "max-line", struct cfg, filter.max_line, 0, 1e9, "n",
              "leave out lines with more characters; 0: none"),
    OPT_COUNT(0, "min-doc", struct cfg, filter.min_doc, 0, 1e9, "n",
              "leave out documents with fewer characters"),
    OPT_COUNT(0, "max-doc", struct cfg, filter.max_doc, 0, 1e9, "n",
              "leave out documents with more characters; 0: none"),
    OPT_SHARE(0, "min-hangul", struct cfg, filter.min_hangul,
              "leave out documents with a smaller share of Hangul"),
    OPT_SHARE(0, "min-latin", struct cfg, filter.min_latin,
              "leave out documents with a smaller share of Latin letters"),
    OPT_FILE(0, "not-in", struct cfg, not_in,
             "leave out what is also in the text of this file"),
    OPT_COUNT(0, "window", struct cfg, filter.window, 2, 1000, "n",
              "texts overlap where they share n characters in a row"),
    OPT_CHOICE(0, "overlap", struct cfg, filter.overlap, overlap_names, "unit",
               "what is left out where texts overlap"),
    OPT_FLAG(0, "lines", struct cfg, filter.lines,
             "take each line for a document without a title"),
    OPT_FLAG(0, "titles", struct cfg, filter.titles,
             "take the first line of a document for its title; with --jsonl: no"),
    OPT_SIZE('m', "memory", struct cfg, filter.memory, 0, 1e15, "size",
             "memory for what was seen, by which repetitions are found"),
    OPT_FILE(0, "report", struct cfg, report,
             "write there how much was left out for which reason"),
    TEXT_ROWS(struct cfg, text),
    OPT_END};

static const struct tool tool = {.name = "text-filter",
                                 .brief = "Leave documents and lines out of a text.",
                                 .operands = "[file ...]",
                                 .max_operands = 1 << 20,
                                 .opts = opts};

static int read_not_in(const struct cfg *cfg, struct filter *f, struct errbuf *eb)
{
    char *name = (char *)(uintptr_t)cfg->not_in;
    struct lines *l = NULL;
    int rc = lines_open(&l, &name, 1, &cfg->text, eb);

    if (rc == RF_OK)
        rc = filter_not_in(f, l, eb);
    lines_close(l);
    return rc;
}

static int filter(const struct cfg *cfg, struct lines *l, struct filter_totals *t,
                  struct progress *p, struct errbuf *eb)
{
    struct filter *f = NULL;
    struct text_out *text = NULL;
    int rc = filter_new(&f, &cfg->filter, eb);

    if (rc == RF_OK && cfg->not_in)
        rc = read_not_in(cfg, f, eb);
    if (rc == RF_OK)
        rc = text_out_create(&text, cfg->output, cfg->text.jsonl, eb);
    if (rc == RF_OK) {
        text_out_from(text, l);
        rc = filter_text(f, l, text, t, p, eb);
    }
    filter_free(f);
    return text_out_end(text, rc, eb);
}

static int write_report(const char *name, const struct filter_totals *t, struct errbuf *eb)
{
    struct buf table = {0};
    int rc = filter_table(&table, t) == RF_OK ? RF_OK : err_nomem(eb);

    if (rc == RF_OK)
        rc = output_write(name, OUTPUT_TEXT, table.data, table.len, eb);
    buf_free(&table);
    return rc;
}

static void say_totals(struct tool_run *run, const struct filter_totals *t, double bytes)
{
    struct buf text = {0};

    if (filter_summary(&text, t) == RF_OK)
        tool_summary(run, bytes, "%s", text.data);
    buf_free(&text);
    if (t->forgotten_documents || t->forgotten_lines)
        tool_note(run, "memory was full: %llu %s and %llu %s could not be remembered",
                  (unsigned long long)t->forgotten_documents,
                  plural(t->forgotten_documents, "document", "documents"),
                  (unsigned long long)t->forgotten_lines,
                  plural(t->forgotten_lines, "line", "lines"));
}

static bool is_stdout(const char *name)
{
    return !name || strcmp(name, "-") == 0;
}

int main(int argc, char **argv)
{
    struct cfg cfg = {.filter = FILTER_CFG_DEFAULT};
    struct filter_totals t = {0};
    struct progress p = {0};
    struct lines *l = NULL;
    struct tool_run run;
    int rc;

    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    if (cfg.report && is_stdout(cfg.report) && is_stdout(cfg.output))
        return tool_finish(
            &run, err_set(&run.eb, RF_EUSAGE,
                          "the report and the text cannot both go to standard output"));
    if (cfg.text.jsonl && !tool_given(&run, "titles"))
        cfg.filter.titles = false;
    rc = lines_open(&l, run.operands, run.n_operands, &cfg.text, &run.eb);
    if (rc == RF_OK) {
        progress_start(&p, tool.name, "B", 0, lines_size(l), !run.quiet);
        rc = filter(&cfg, l, &t, &p, &run.eb);
        progress_clear(&p);
        if (rc == RF_OK && cfg.report)
            rc = write_report(cfg.report, &t, &run.eb);
        say_totals(&run, &t, (double)lines_bytes(l));
    }
    lines_close(l);
    return tool_finish(&run, rc);
}
