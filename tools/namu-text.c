/* namu-text: a dump of Namuwiki to plain text. */
#include "base/tool.h"
#include "data/namu.h"

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

static void summarize(struct tool_run *run, const struct namu_counts *n)
{
    const struct namumark_counts *m = &n->mark;

    tool_summary(
        run, (double)n->bytes,
        "%llu pages (%llu redirects, %llu of other namespaces, %llu empty), gone: %llu "
        "table rows, %llu notes, %llu files and categories, %llu macros, %llu programs, %llu "
        "struck, %llu "
        "comments, %llu NUL; %llu lone surrogates, %llu bad bytes",
        (unsigned long long)n->pages, (unsigned long long)n->redirects,
        (unsigned long long)n->others, (unsigned long long)n->empty,
        (unsigned long long)m->rows, (unsigned long long)m->notes, (unsigned long long)m->files,
        (unsigned long long)m->macros, (unsigned long long)m->code,
        (unsigned long long)m->struck, (unsigned long long)m->comments,
        (unsigned long long)n->nul, (unsigned long long)n->surrogates,
        (unsigned long long)n->replaced);
}

static int convert(const struct cfg *cfg, FILE *file, uint64_t size, struct tool_run *run)
{
    struct namu_counts n = {0};
    struct text_out *to = NULL;
    struct progress p;
    int rc = text_out_open(&to, file, cfg->jsonl, &run->eb), closed;

    if (rc != RF_OK)
        return rc;
    progress_start(&p, tool.name, "B", 0, size, !run->quiet);
    rc = namu_text(to, run->operands, run->n_operands, &cfg->namu, &n, &p, &run->eb);
    progress_clear(&p);
    closed = text_out_close(to, rc == RF_OK ? &run->eb : NULL);
    summarize(run, &n);
    return rc == RF_OK ? closed : rc;
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
    if (rc == RF_OK)
        rc = output_commit(out, &run.eb);
    else
        output_abort(out);
    return tool_finish(&run, rc);
}
