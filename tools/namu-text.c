/* namu-text: a dump of Namuwiki to plain text. */
#include "base/tool.h"
#include "corpus/namu.h"

struct cfg {
    const char *output, *jsonl;
    struct namu_cfg namu;
};

static const struct opt opts[] = {
    OPT_FILE('o', "output", struct cfg, output, "text (standard output)"),
    OPT_CHOICE(0, "tables", struct cfg, namu.mark.tables, namumark_tables_names, "what",
               "tables of several columns"),
    OPT_CHOICE(0, "strike", struct cfg, namu.mark.strike, namumark_strike_names, "what",
               "text that is struck out"),
    OPT_CHOICE(0, "invalid", struct cfg, namu.invalid, invalid_names, "what",
               "bytes that are not UTF-8"),
    OPT_TEXT(0, "jsonl", struct cfg, jsonl, "member", "write JSON lines, a page in each"),
    OPT_END};

static const struct tool tool = {.name = "namu-text",
                                 .brief = "Turn a Namuwiki dump into plain text.",
                                 .operands = "[file ...]",
                                 .max_operands = 1 << 20,
                                 .opts = opts};

/* What is zero goes without saying, but for the first. */
static void summarize(struct tool_run *run, const struct namu_counts *n)
{
    const struct {
        uint64_t n;
        const char *what;
    } rows[] = {{n->pages, "pages"},
                {n->redirects, "redirects"},
                {n->others, "of other namespaces"},
                {n->empty, "empty"},
                {n->mark.rows, "table rows gone"},
                {n->mark.notes, "notes"},
                {n->mark.files, "files and categories"},
                {n->mark.macros, "macros"},
                {n->mark.code, "programs"},
                {n->mark.struck, "struck out"},
                {n->mark.comments, "comments"},
                {n->nul, "NUL"},
                {n->surrogates, "lone surrogates"},
                {n->replaced, "bad bytes"}};
    struct buf text = {0};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if ((rows[i].n || i == 0) &&
            buf_printf(&text, "%s%llu %s", i ? ", " : "", (unsigned long long)rows[i].n,
                       rows[i].what) != RF_OK)
            break;
    tool_summary(run, (double)n->bytes, "%s", text.data ? text.data : "");
    buf_free(&text);
}

static int convert(const struct cfg *cfg, FILE *file, uint64_t size, struct tool_run *run)
{
    struct namu_counts n = {0};
    struct text_out *to = NULL;
    struct progress p;
    int rc = text_out_open(&to, file, cfg->jsonl, &run->eb);

    if (rc != RF_OK)
        return rc;
    progress_start(&p, tool.name, "B", 0, size, !run->quiet);
    rc = namu_text(to, run->operands, run->n_operands, &cfg->namu, &n, &p, &run->eb);
    progress_clear(&p);
    rc = text_out_end(to, rc, &run->eb);
    summarize(run, &n);
    return rc;
}

int main(int argc, char **argv)
{
    struct cfg cfg = {0};
    struct output *out = NULL;
    struct tool_run run;
    uint64_t size = 0;
    int rc;

    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    rc = inputs_try(run.operands, run.n_operands, &size, &run.eb);
    if (rc == RF_OK)
        rc = output_open(&out, cfg.output, OUTPUT_TEXT, &run.eb);
    if (rc == RF_OK)
        rc = convert(&cfg, output_file(out), size, &run);
    rc = output_end(out, rc, &run.eb);
    return tool_finish(&run, rc);
}
