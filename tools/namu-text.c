/* namu-text: converts a dump of Namuwiki to plain text. */
#include "base/tool.h"
#include "corpus/namu.h"

struct cfg {
    const char *output, *jsonl;
    struct namu_cfg namu;
};

static const struct opt opts[] = {
    OPT_FILE('o', "output", struct cfg, output, "file to write the text to (standard output)"),
    OPT_CHOICE(0, "tables", struct cfg, namu.mark.tables, namumark_tables_names, "what",
               "what to do about tables of several columns"),
    OPT_CHOICE(0, "strike", struct cfg, namu.mark.strike, namumark_strike_names, "what",
               "what to do about text that is struck out"),
    OPT_CHOICE(0, "invalid", struct cfg, namu.invalid, invalid_names, "what",
               "what to do about bytes that are not UTF-8"),
    OPT_TEXT(0, "jsonl", struct cfg, jsonl, "member",
             "write JSON lines, a page in each: this member is its text"),
    OPT_END};

static const struct tool tool = {.name = "namu-text",
                                 .brief = "Turn a Namuwiki dump into plain text.",
                                 .operands = "[file ...]",
                                 .max_operands = 1 << 20,
                                 .opts = opts};

static void summarize(struct tool_run *run, const struct namu_counts *n)
{
    const struct tool_count counts[] = {
        {n->pages, "page", "pages"},
        {n->redirects, "redirect", "redirects"},
        {n->others, "of another namespace", "of other namespaces"},
        {n->empty, "empty", "empty"},
        {n->mark.rows, "table row gone", "table rows gone"},
        {n->mark.notes, "note", "notes"},
        {n->mark.files, "file or category", "files and categories"},
        {n->mark.macros, "macro", "macros"},
        {n->mark.code, "program", "programs"},
        {n->mark.struck, "struck out", "struck out"},
        {n->mark.comments, "comment", "comments"},
        {n->nul, "NUL", "NUL"},
        {n->surrogates, "lone surrogate", "lone surrogates"},
        {n->replaced, "bad byte", "bad bytes"}};

    tool_summary_counts(run, (double)n->bytes, counts, sizeof counts / sizeof *counts);
}

int main(int argc, char **argv)
{
    struct cfg cfg = {0};
    struct namu_counts n = {0};
    struct text_out *to = NULL;
    struct progress p = {0};
    struct tool_run run;
    uint64_t size = 0;
    int rc;

    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    rc = inputs_try(run.operands, run.n_operands, &size, &run.eb);
    if (rc == RF_OK)
        rc = text_out_create(&to, cfg.output, cfg.jsonl, &run.eb);
    if (rc == RF_OK) {
        progress_start(&p, tool.name, "B", 0, size, !run.quiet);
        rc = namu_text(to, run.operands, run.n_operands, &cfg.namu, &n, &p, &run.eb);
        progress_clear(&p);
    }
    summarize(&run, &n);
    return tool_finish(&run, text_out_end(to, rc, &run.eb));
}
