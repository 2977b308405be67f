/* text_out.c: lines of text, plain or as JSON lines. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"

struct text_out {
    FILE *file;
    struct output *own;       /* NULL: the file is borrowed */
    char *member;             /* NULL: plain */
    const struct lines *from; /* NULL: a line has no other member */
    bool in_doc;
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

/* The inside of a JSON string. */
static void put_escaped(FILE *to, const char *s, size_t n)
{
    static const char letters[32] = {
        ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    size_t from = 0;

    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];

        if (c >= ' ' && c != '"' && c != '\\')
            continue;
        fwrite(s + from, 1, i - from, to);
        from = i + 1;
        if (c >= ' ' || letters[c])
            fprintf(to, "\\%c", c >= ' ' ? c : letters[c]);
        else
            fprintf(to, "\\u%04X", (unsigned)c);
    }
    fwrite(s + from, 1, n - from, to);
}

static void begin_doc(struct text_out *t)
{
    size_t len = 0;
    const char *before = t->from ? lines_before(t->from, &len) : NULL;

    t->in_doc = true;
    if (before) {
        fwrite(before, 1, len, t->file);
    } else {
        fputs("{\"", t->file);
        put_escaped(t->file, t->member, strlen(t->member));
        fputs("\":", t->file);
    }
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
    if (!t->member) {
        fwrite(text, 1, len, t->file);
        putc('\n', t->file);
    } else if (len) {
        if (t->in_doc)
            fputs("\\n", t->file);
        else
            begin_doc(t);
        put_escaped(t->file, text, len);
    } else if (!t->from || !lines_inside(t->from)) {
        if (t->from && !t->in_doc)
            begin_doc(t);
        if (t->in_doc)
            end_doc(t);
    }
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
    free(t->member);
    free(t);
    return rc;
}
