/* text_out.c: lines of text, plain or as JSON lines. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"

struct text_out {
    FILE *file;
    char *member;   /* NULL: plain */
    struct buf doc; /* the lines of the document so far, joined by LF */
    int has_lines;
};

int text_out_open(struct text_out **out, FILE *file, const char *member, struct errbuf *eb)
{
    struct text_out *t = calloc(1, sizeof *t);

    if (!t || (member && !(t->member = strdup(member)))) {
        free(t);
        return err_nomem(eb);
    }
    t->file = file;
    *out = t;
    return RF_OK;
}

static int check_file(const struct text_out *t, struct errbuf *eb)
{
    return ferror(t->file) ? err_set(eb, RF_EIO, "cannot write: %s", strerror(errno)) : RF_OK;
}

static int put_doc(struct text_out *t, struct errbuf *eb)
{
    json_t *text = json_stringn(t->doc.data ? t->doc.data : "", t->doc.len);
    json_t *line = json_pack("{s:o}", t->member, text);
    int bad = !line || json_dumpf(line, t->file, JSON_COMPACT) != 0;

    if (!bad)
        putc('\n', t->file);
    json_decref(line);
    buf_clear(&t->doc);
    t->has_lines = 0;
    if (bad && !ferror(t->file))
        return err_nomem(eb);
    return check_file(t, eb);
}

int text_out_line(struct text_out *t, const char *text, size_t len, struct errbuf *eb)
{
    if (!t->member) {
        fwrite(text, 1, len, t->file);
        putc('\n', t->file);
        return check_file(t, eb);
    }
    if (len == 0)
        return t->has_lines ? put_doc(t, eb) : RF_OK;
    if ((t->has_lines && buf_put(&t->doc, "\n", 1) != RF_OK) ||
        buf_put(&t->doc, text, len) != RF_OK)
        return err_nomem(eb);
    t->has_lines = 1;
    return RF_OK;
}

int text_out_close(struct text_out *t, struct errbuf *eb)
{
    int rc = t->has_lines ? put_doc(t, eb) : check_file(t, eb);

    buf_free(&t->doc);
    free(t->member);
    free(t);
    return rc;
}
