#include "text/filter_run.h"

#include <string.h>

static bool is_stdout(const char *name)
{
    return !name || strcmp(name, "-") == 0;
}

int filter_check(const struct filter_cfg *cfg, const struct filter_files *files,
                 struct errbuf *eb)
{
    if (files->signatures_out && (files->output || files->after))
        return err_set(eb, RF_EUSAGE,
                       "--signatures-out goes with neither --output nor --after");
    if (cfg->dup_lines && (files->signatures_out || files->after))
        return err_set(eb, RF_EUSAGE,
                       "--dup-lines needs the whole text: signatures do not know lines");
    if (files->report && is_stdout(files->report) &&
        is_stdout(files->signatures_out ? files->signatures_out : files->output))
        return err_set(eb, RF_EUSAGE,
                       "the report and the text cannot both go to standard output");
    return RF_OK;
}

static int read_not_in(struct filter *f, const struct filter_files *files,
                       const struct text_cfg *text, struct errbuf *eb)
{
    char *name = (char *)(uintptr_t)files->not_in;
    struct lines *l = NULL;
    int rc = lines_open(&l, &name, 1, text, eb);

    if (rc == RF_OK)
        rc = filter_not_in(f, l, eb);
    lines_close(l);
    return rc;
}

static int read_after(struct filter *f, const struct filter_cfg *cfg, const char *name,
                      struct errbuf *eb)
{
    struct signature_reader *r = NULL;
    int rc = signatures_open(&r, name, filter_settings(cfg), eb);

    if (rc == RF_OK)
        rc = filter_after(f, r, eb);
    signatures_close(r);
    return rc;
}

static int write_text(struct filter *f, const struct filter_files *files,
                      const struct text_cfg *text, struct lines *l, struct filter_totals *t,
                      struct progress *p, struct errbuf *eb)
{
    struct text_out *out = NULL;
    int rc = text_out_create(&out, files->output, text->jsonl, eb);

    if (rc == RF_OK) {
        text_out_from(out, l);
        rc = filter_text(f, l, out, t, p, eb);
    }
    return text_out_end(out, rc, eb);
}

static int write_signatures(struct filter *f, const struct filter_cfg *cfg, const char *name,
                            struct lines *l, struct filter_totals *t, struct progress *p,
                            struct errbuf *eb)
{
    struct signature_writer *to = NULL;
    int rc = signatures_create(&to, name, filter_settings(cfg), eb);

    if (rc == RF_OK)
        rc = filter_sign(f, l, to, t, p, eb);
    return signatures_end(to, rc, eb);
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

int filter_run(const struct filter_cfg *cfg, const struct filter_files *files,
               const struct text_cfg *text, struct lines *l, struct filter_totals *t,
               struct progress *p, struct errbuf *eb)
{
    struct filter *f = NULL;
    int rc = filter_check(cfg, files, eb);

    if (rc == RF_OK)
        rc = filter_new(&f, cfg, eb);
    if (rc == RF_OK && files->not_in)
        rc = read_not_in(f, files, text, eb);
    if (rc == RF_OK && files->after)
        rc = read_after(f, cfg, files->after, eb);
    if (rc == RF_OK)
        rc = files->signatures_out
                 ? write_signatures(f, cfg, files->signatures_out, l, t, p, eb)
                 : write_text(f, files, text, l, t, p, eb);
    filter_free(f);
    if (rc == RF_OK && files->report)
        rc = write_report(files->report, t, eb);
    return rc;
}
