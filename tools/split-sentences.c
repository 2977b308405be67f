/* split-sentences: writes each sentence of a text as a line. */
#include "base/tool.h"
#include "text/sentence.h"

struct cfg {
    const char *output;
    struct text_cfg text;
    bool titles;
    uint64_t max_quote;
};

static const struct opt opts[] = {
    OPT_FILE('o', "output", struct cfg, output, "file to write the text to (standard output)"),
    OPT_COUNT(0, "max-quote", struct cfg, max_quote, 0, 1e9, "n",
              "a quotation or bracket of up to n characters stays on one line"),
    OPT_FLAG(0, "titles", struct cfg, titles,
             "take the first line of a document for its title; with --jsonl: no"),
    TEXT_ROWS(struct cfg, text), OPT_END};

static const struct tool tool = {.name = "split-sentences",
                                 .brief = "Put each sentence of a text on a line of its own.",
                                 .operands = "[file ...]",
                                 .max_operands = 1 << 20,
                                 .opts = opts};

static int split(const struct cfg *cfg, struct lines *l, struct split_totals *t,
                 struct progress *p, struct errbuf *eb)
{
    struct splitter *s = NULL;
    struct text_out *text = NULL;
    int rc = splitter_new(&s, cfg->max_quote, eb);

    if (rc == RF_OK)
        rc = text_out_create(&text, cfg->output, cfg->text.jsonl, eb);
    if (rc == RF_OK) {
        text_out_from(text, l);
        rc = split_text(s, l, text, cfg->titles, t, p, eb);
    }
    splitter_free(s);
    return text_out_end(text, rc, eb);
}

int main(int argc, char **argv)
{
    struct cfg cfg = {.titles = true, .max_quote = MAX_QUOTE};
    struct split_totals t = {0};
    struct progress p = {0};
    struct lines *l = NULL;
    struct tool_run run;
    int rc;

    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    if (cfg.text.jsonl && !tool_given(&run, "titles"))
        cfg.titles = false;
    rc = lines_open(&l, run.operands, run.n_operands, &cfg.text, &run.eb);
    if (rc == RF_OK) {
        progress_start(&p, tool.name, "B", 0, lines_size(l), !run.quiet);
        rc = split(&cfg, l, &t, &p, &run.eb);
        progress_clear(&p);
        tool_summary(
            &run, (double)lines_bytes(l), "%llu %s, %llu %s kept whole, %llu %s, %llu %s",
            (unsigned long long)t.documents, plural(t.documents, "document", "documents"),
            (unsigned long long)t.titles, plural(t.titles, "title", "titles"),
            (unsigned long long)t.lines, plural(t.lines, "line", "lines"),
            (unsigned long long)t.sentences, plural(t.sentences, "sentence", "sentences"));
    }
    lines_close(l);
    return tool_finish(&run, rc);
}
