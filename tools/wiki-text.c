/* wiki-text: converts dumps of a wiki to plain text. */
#include <limits.h>

#include "base/io.h"
#include "base/tool.h"
#include "corpus/dump.h"

struct cfg {
    struct dump_cfg dump;
    const char *output, *report;
};

static const struct opt opts[] = {
    OPT_FILE('o', "output", struct cfg, output, "file to write the text to (standard output)"),
    OPT_FLAG(0, "cirrus", struct cfg, dump.cirrus,
             "read a dump of the wiki's search index (Cirrus)"),
    OPT_TEXT(0, "jsonl", struct cfg, dump.jsonl, "member",
             "write JSON lines, a page in each: this member is its text"),
    OPT_TEXT('k', "keep-template", struct cfg, dump.wikitext.keep, "list",
             "name=n,...: put argument n in place of the templates of this name"),
    OPT_FLAG(0, "captions", struct cfg, dump.wikitext.captions, "keep the captions of files"),
    OPT_TEXT(0, "variant", struct cfg, dump.wikitext.variant, "code",
             "language variant to take, where a text has several; '': the first"),
    OPT_CHOICE(0, "invalid", struct cfg, dump.invalid, invalid_names, "what",
               "what to do about bytes that are not UTF-8"),
    OPT_SIZE(0, "max-page", struct cfg, dump.max_page_bytes, 1024, 1 << 30, "bytes",
             "refuse a page that is larger"),
    OPT_FILE(0, "report", struct cfg, report, "write there what was removed, by kind and name"),
    OPT_THREADS(struct cfg, dump.threads),
    OPT_END};

static const struct tool tool = {
    .name = "wiki-text",
    .brief = "Turn dumps of a wiki into plain text.",
    .operands = "[file ...]",
    .max_operands = INT_MAX,
    .opts = opts,
};

static int write_report(const char *name, const struct dump_stats *st, struct errbuf *eb)
{
    struct output *out = NULL;
    int rc = output_open(&out, name, OUTPUT_TEXT, eb);

    if (rc == RF_OK && dump_report(st, output_file(out)) != RF_OK)
        rc = err_nomem(eb);
    return output_end(out, rc, eb);
}

static void summarize(struct tool_run *run, const struct dump_stats *st)
{
#define N(x) (unsigned long long)(x)
    uint64_t templates = st->removed[WIKITEXT_KEPT] + st->removed[WIKITEXT_TEMPLATE] +
                         st->removed[WIKITEXT_VALUE];

    tool_summary(
        run, (double)st->bytes_in,
        "%llu of %llu %s written (%llu %s, %llu of other namespaces, %llu of other content, "
        "%llu without text), %llu of %llu %s kept",
        N(st->written), N(st->pages), plural(st->pages, "page", "pages"), N(st->redirects),
        plural(st->redirects, "redirect", "redirects"), N(st->other_space), N(st->other_model),
        N(st->empty), N(st->removed[WIKITEXT_KEPT]), N(templates),
        plural(templates, "template", "templates"));
    tool_note_count(run, "templates of numbers or dates that were not understood",
                    st->removed[WIKITEXT_VALUE]);
    if (st->replaced)
        tool_note(run, "%llu U+FFFD put in for what is no text", N(st->replaced));
}

int main(int argc, char **argv)
{
    struct cfg cfg = {.dump = DUMP_CFG_DEFAULT};
    struct progress show = {.label = "wiki-text"};
    struct tally names = {0};
    struct dump_stats st = {0};
    struct output *out = NULL;
    struct tool_run run;
    int rc;

    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    show.on = !run.quiet;
    st.names = cfg.report ? &names : NULL;
    rc = output_open(&out, cfg.output, OUTPUT_TEXT, &run.eb);
    if (rc == RF_OK)
        rc = dump_to_text(&cfg.dump, run.operands, run.n_operands, output_file(out), &show, &st,
                          &run.eb);
    progress_clear(&show);
    rc = output_end(out, rc, &run.eb);
    if (rc == RF_OK && cfg.report)
        rc = write_report(cfg.report, &st, &run.eb);
    tally_free(&names);
    summarize(&run, &st);
    return tool_finish(&run, rc);
}
