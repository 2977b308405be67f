/* squad-cloze: makes questions of the statements of a text. */
#include "base/tool.h"
#include "data/cloze.h"

struct cfg {
    struct cloze_cfg cloze;
    const char *output;
    struct text_cfg text;
};

static const struct opt opts[] = {
    OPT_FILE('o', "output", struct cfg, output,
             "file to write the questions to (standard output)"),
    OPT_COUNT('n', "questions", struct cfg, cloze.questions, 1, 1000, "n",
              "most questions on a context"),
    OPT_SHARE(0, "share", struct cfg, cloze.share, "ask about so many of the contexts"),
    OPT_COUNT(0, "min-chars", struct cfg, cloze.min_chars, 0, 1e6, "n",
              "fewest characters of a context"),
    OPT_COUNT(0, "max-chars", struct cfg, cloze.max_chars, 1, 1e6, "n",
              "most characters of a context"),
    OPT_TEXT(0, "ask", struct cfg, cloze.ask, "words", "question words, separated by spaces"),
    OPT_TEXT(0, "ask-number", struct cfg, cloze.ask_number, "words",
             "question words for answers with a digit"),
    OPT_COUNT('s', "seed", struct cfg, cloze.seed, 0, 0x1p64, "n", "seed of what is drawn"),
    OPT_FLAG(0, "titles", struct cfg, cloze.titles,
             "take the first line of a document for its title; with --jsonl: no"),
    TEXT_ROWS(struct cfg, text),
    OPT_END};

static const struct tool tool = {.name = "squad-cloze",
                                 .brief = "Make questions of the statements of a text.",
                                 .operands = "[file ...]",
                                 .max_operands = 1 << 20,
                                 .opts = opts};

static int ask(const struct cfg *cfg, struct lines *l, struct cloze_totals *t,
               struct progress *p, struct errbuf *eb)
{
    struct output *out = NULL;
    int rc = output_open(&out, cfg->output, OUTPUT_TEXT, eb);

    if (rc == RF_OK)
        rc = output_end(out, cloze_text(&cfg->cloze, l, output_file(out), t, p, eb), eb);
    return rc;
}

int main(int argc, char **argv)
{
    struct cfg cfg = {.cloze = CLOZE_CFG_DEFAULT};
    struct cloze_totals t = {0};
    struct progress p = {0};
    struct lines *l = NULL;
    struct tool_run run;
    int rc;

    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    if (cfg.text.jsonl && !tool_given(&run, "titles"))
        cfg.cloze.titles = false;
    rc = lines_open(&l, run.operands, run.n_operands, &cfg.text, &run.eb);
    if (rc == RF_OK) {
        progress_start(&p, tool.name, "B", 0, lines_size(l), !run.quiet);
        rc = ask(&cfg, l, &t, &p, &run.eb);
        progress_clear(&p);
        tool_note_count(&run, "sentences longer than a context, left out", t.too_long);
        tool_summary(
            &run, (double)lines_bytes(l), "%llu %s, %llu %s, %llu %s",
            (unsigned long long)t.documents, plural(t.documents, "document", "documents"),
            (unsigned long long)t.contexts, plural(t.contexts, "context", "contexts"),
            (unsigned long long)t.questions, plural(t.questions, "question", "questions"));
    }
    lines_close(l);
    return tool_finish(&run, rc);
}
