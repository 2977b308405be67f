/* modu-text: converts the corpora of the National Institute of Korean Language
 * to plain text. */
#include "base/tool.h"
#include "corpus/modu.h"

struct cfg {
    const char *output, *jsonl;
    struct modu_cfg modu;
    bool keep_going;
};

static const struct opt opts[] = {
    OPT_FILE('o', "output", struct cfg, output, "file to write the text to (standard output)"),
    OPT_CHOICE(0, "marks", struct cfg, modu.marks, modu_marks_names, "what",
               "what to do about the marks of the transcribers"),
    OPT_FLAG(0, "keep-going", struct cfg, keep_going,
             "go on with the next file after a bad one"),
    OPT_CHOICE(0, "invalid", struct cfg, modu.invalid, invalid_names, "what",
               "what to do about bytes that are not UTF-8"),
    OPT_TEXT(0, "jsonl", struct cfg, jsonl, "member",
             "write JSON lines, a document in each: this member is its text"),
    OPT_END};

static const struct tool tool = {.name = "modu-text",
                                 .brief = "Turn files of 모두의 말뭉치 into plain text.",
                                 .operands = "[file ...]",
                                 .max_operands = 1 << 20,
                                 .opts = opts};

static void summarize(struct tool_run *run, const struct modu_counts *n, uint64_t bad)
{
    const struct tool_count counts[] = {{n->documents, "document", "documents"},
                                        {n->without_text, "without text", "without text"},
                                        {n->paragraphs, "paragraph", "paragraphs"},
                                        {n->utterances, "utterance", "utterances"},
                                        {n->empty, "empty", "empty"},
                                        {n->only_marks, "only marks", "only marks"},
                                        {n->marks, "mark gone", "marks gone"},
                                        {n->anonymised, "anonymised", "anonymised"},
                                        {n->private_use, "private use", "private use"},
                                        {n->nul, "NUL gone", "NUL gone"},
                                        {n->surrogates, "lone surrogate", "lone surrogates"},
                                        {n->replaced, "bad byte", "bad bytes"},
                                        {bad, "bad file", "bad files"}};

    tool_summary_counts(run, (double)n->bytes, counts, sizeof counts / sizeof *counts);
}

static int convert_all(const struct cfg *cfg, struct text_out *to, struct modu_counts *n,
                       uint64_t *bad, struct progress *p, struct tool_run *run)
{
    int rc = RF_OK, n_files = run->n_operands ? run->n_operands : 1;

    for (int i = 0; rc == RF_OK && i < n_files; i++) {
        rc = modu_text(to, run->n_operands ? run->operands[i] : NULL, &cfg->modu, n, p,
                       &run->eb);
        if (rc == RF_OK || !cfg->keep_going || !modu_may_go_on(rc))
            continue;
        progress_clear(p);
        /* This is an error, so it is printed with -q too. */
        progress_make_room();
        fprintf(stderr, "%s: %s\n", tool.name, run->eb.text);
        run->eb.text[0] = '\0';
        ++*bad;
        rc = RF_OK;
    }
    return rc;
}

int main(int argc, char **argv)
{
    struct cfg cfg = {0};
    struct modu_counts n = {0};
    struct text_out *to = NULL;
    struct progress p = {0};
    struct tool_run run;
    uint64_t size = 0, bad = 0;
    int rc;

    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    rc = inputs_try(run.operands, run.n_operands, &size, &run.eb);
    if (rc == RF_OK)
        rc = text_out_create(&to, cfg.output, cfg.jsonl, &run.eb);
    if (rc == RF_OK) {
        progress_start(&p, tool.name, "B", 0, size, !run.quiet);
        rc = convert_all(&cfg, to, &n, &bad, &p, &run);
        progress_clear(&p);
    }
    summarize(&run, &n, bad);
    return tool_finish(&run, text_out_end(to, rc, &run.eb));
}
