#include "text/document.h"

#include "base/utf8.h"
#include "text/unicode.h"

static bool is_blank(const char *text, size_t len)
{
    uint32_t cp;

    for (size_t i = 0; i < len;) {
        i += utf8_next(&cp, text + i);
        if (!uni_is_white_space(cp))
            return false;
    }
    return true;
}

/* Read the next line. *may_be_title: it is the first of its document, and nothing says that it
 * is no title. */
static int read_line(struct document_lines *d, struct document_line *line, bool *may_be_title,
                     struct errbuf *eb)
{
    bool first = !d->inside, blank = false, skipped = false;
    size_t n;
    int rc;

    while ((rc = lines_next(d->lines, &line->text, &line->len, eb)) > 0) {
        blank = is_blank(line->text, line->len);
        if (!blank || !lines_inside(d->lines))
            break;
        skipped = true;
    }
    if (rc <= 0)
        return rc;
    line->kind = blank ? LINE_BLANK : LINE_TEXT;
    line->only = false;
    line->untitled = first && !blank && (skipped || lines_starts_empty(d->lines));
    *may_be_title = d->titles && first && !blank && !line->untitled &&
                    (lines_before(d->lines, &n) || d->blanks <= d->begun);
    d->inside = !blank;
    d->begun |= !blank;
    d->blanks = blank ? d->blanks + 1 : 0;
    return 1;
}

int document_lines_next(struct document_lines *d, struct document_line *line, struct errbuf *eb)
{
    bool may_be_title;
    int rc;

    if (d->waits) {
        *line = d->next;
        d->waits = false;
        return 1;
    }
    rc = read_line(d, line, &may_be_title, eb);
    if (rc <= 0 || !may_be_title)
        return rc;
    buf_clear(&d->first);
    if (buf_put(&d->first, line->text, line->len) != RF_OK)
        return err_nomem(eb);
    line->text = d->first.data;
    if ((rc = read_line(d, &d->next, &may_be_title, eb)) < 0)
        return rc;
    d->waits = rc > 0;
    line->only = !d->waits || d->next.kind == LINE_BLANK;
    line->kind = line->only ? LINE_TEXT : LINE_TITLE;
    return 1;
}

void document_lines_free(struct document_lines *d)
{
    buf_free(&d->first);
}
