/* text_out.c: lines of text, plain or as JSON lines. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/json_put.h"

enum { PIECE_BYTES = 16 << 10 };

struct text_out {
    FILE *file;
    struct output *own;       /* NULL: `file` is borrowed */
    struct buf before;        /* the start of a JSON line, {"member":; empty: plain lines */
    struct buf escaped;       /* a piece of the text, escaped for a JSON string */
    const struct lines *from; /* NULL: the JSON lines have no other member */
    bool in_doc;
};

static void free_out(struct text_out *t)
{
    buf_free(&t->before);
    buf_free(&t->escaped);
    free(t);
}

int text_out_open(struct text_out **out, FILE *file, const char *member, struct errbuf *eb)
{
    struct text_out *t = calloc(1, sizeof *t);

    if (!t)
        return err_nomem(eb);
    if (member &&
        (buf_put(&t->before, "{\"", 2) != RF_OK ||
         json_put_escaped(&t->before, member, strlen(member), JSON_LETTERS) != RF_OK ||
         buf_put(&t->before, "\":", 2) != RF_OK)) {
        free_out(t);
        return err_nomem(eb);
    }
    t->file = file;
    *out = t;
    return RF_OK;
}

int text_out_create(struct text_out **out, const char *name, const char *member,
                    struct errbuf *eb)
{
    struct output *own;
    int rc = output_open(&own, name, OUTPUT_TEXT, eb);

    if (rc != RF_OK)
        return rc;
    if ((rc = text_out_open(out, output_file(own), member, eb)) == RF_OK)
        (*out)->own = own;
    else
        output_abort(own);
    return rc;
}

void text_out_from(struct text_out *t, const struct lines *from)
{
    t->from = from;
}

static int check_file(const struct text_out *t, struct errbuf *eb)
{
    return ferror(t->file) ? err_set(eb, RF_EIO, "cannot write: %s", strerror(errno)) : RF_OK;
}

/* Write the inside of a JSON string in pieces, because escaped text
 * may be six times as long. */
static int put_escaped(struct text_out *t, const char *s, size_t n, struct errbuf *eb)
{
    for (size_t some; n; s += some, n -= some) {
        some = n < PIECE_BYTES ? n : PIECE_BYTES;
        buf_clear(&t->escaped);
        if (json_put_escaped(&t->escaped, s, some, JSON_LETTERS) != RF_OK)
            return err_nomem(eb);
        fwrite(t->escaped.data, 1, t->escaped.len, t->file);
    }
    return RF_OK;
}

static void begin_doc(struct text_out *t)
{
    size_t len = 0;
    const char *before = t->from ? lines_before(t->from, &len) : NULL;

    t->in_doc = true;
    fwrite(before ? before : t->before.data, 1, before ? len : t->before.len, t->file);
    putc('"', t->file);
}

static void end_doc(struct text_out *t)
{
    size_t len = 0;
    const char *behind = t->from ? lines_behind(t->from, &len) : NULL;

    t->in_doc = false;
    putc('"', t->file);
    fwrite(behind ? behind : "}", 1, behind ? len : 1, t->file);
    putc('\n', t->file);
}

int text_out_line(struct text_out *t, const char *text, size_t len, struct errbuf *eb)
{
    int rc = RF_OK;

    if (!t->before.len) {
        fwrite(text, 1, len, t->file);
        putc('\n', t->file);
    } else if (len) {
        if (t->in_doc)
            fputs("\\n", t->file);
        else
            begin_doc(t);
        rc = put_escaped(t, text, len, eb);
    } else if (!t->from || !lines_inside(t->from)) {
        if (t->from && !t->in_doc)
            begin_doc(t);
        if (t->in_doc)
            end_doc(t);
    }
    return rc == RF_OK ? check_file(t, eb) : rc;
}

int text_out_untitled(struct text_out *t, struct errbuf *eb)
{
    if (t->before.len)
        begin_doc(t);
    else
        putc('\n', t->file);
    return check_file(t, eb);
}

int text_out_end(struct text_out *t, int rc, struct errbuf *eb)
{
    if (!t)
        return rc;
    if (t->in_doc)
        end_doc(t);
    if (rc == RF_OK)
        rc = check_file(t, eb);
    if (t->own)
        rc = output_end(t->own, rc, eb);
    free_out(t);
    return rc;
}
