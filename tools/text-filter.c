/* text-filter: leaves out duplicates, texts that are too short or too long, and what is in
 * a test text. */
#include "base/tool.h"
#include "text/filter_run.h"

struct cfg {
    struct filter_files files;
    struct text_cfg text;
    struct filter_cfg filter;
};

static const struct opt opts[] = {
    OPT_FILE('o', "output", struct cfg, files.output,
             "file to write the text to (standard output)"),
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
    OPT_FILE(0, "not-in", struct cfg, files.not_in,
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
    OPT_FILE(0, "report", struct cfg, files.report,
             "write there how much was left out for which reason"),
    OPT_FILE(0, "signatures-out", struct cfg, files.signatures_out,
             "write no text, but what later parts of it must know of this one"),
    OPT_FILE(0, "after", struct cfg, files.after,
             "the signatures of the parts before this one, joined: they count as seen"),
    TEXT_ROWS(struct cfg, text),
    OPT_END};

static const struct tool tool = {.name = "text-filter",
                                 .brief = "Leave documents and lines out of a text.",
                                 .operands = "[file ...]",
                                 .max_operands = 1 << 20,
                                 .opts = opts};

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
    if (cfg.text.jsonl && !tool_given(&run, "titles"))
        cfg.filter.titles = false;
    rc = filter_check(&cfg.filter, &cfg.files, &run.eb);
    if (rc == RF_OK)
        rc = lines_open(&l, run.operands, run.n_operands, &cfg.text, &run.eb);
    if (rc == RF_OK) {
        progress_start(&p, tool.name, "B", 0, lines_size(l), !run.quiet);
        rc = filter_run(&cfg.filter, &cfg.files, &cfg.text, l, &t, &p, &run.eb);
        progress_clear(&p);
        say_totals(&run, &t, (double)lines_bytes(l));
    }
    lines_close(l);
    return tool_finish(&run, rc);
}
