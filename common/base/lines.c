/* lines.c: the lines of several files. They are checked to be UTF-8. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/json.h"
#include "base/utf8.h"

enum { BLOCK_BYTES = 256 << 10 };

const char *const invalid_names[] = {"refuse", "replace", NULL};

struct lines {
    char *const *names;
    int n, at;        /* number of files, index of the next one to open */
    struct input *in; /* NULL between files */
    char *name;       /* the file of the last line */
    struct text_cfg cfg;
    struct buf block;      /* bytes read: those from pos to len are not yet handed out */
    size_t pos, seen;      /* there is no LF between pos and seen */
    bool more;             /* the line that was handed out is not complete */
    uint64_t block_offset; /* the offset of block.data[0] in its file */
    struct buf fixed;      /* a repaired line */
    struct buf doc; /* the text of a JSON line; its bytes from doc_at on are still to come */
    size_t doc_at;
    bool in_doc, starts_empty; /* starts_empty: an empty line is the first of the text */
    const char *json; /* the JSON line; the text's value lies at value..value_end in it */
    size_t json_len, value, value_end;
    uint64_t number, total, bytes, replaced, size, consumed;
};

int lines_open(struct lines **out, char *const *names, int n, const struct text_cfg *cfg,
               struct errbuf *eb)
{
    static char dash[] = "-";
    static char *const standard_input[] = {dash};
    struct lines *l = calloc(1, sizeof *l);
    int rc;

    if (!l)
        return err_nomem(eb);
    l->names = n ? names : standard_input;
    l->n = n ? n : 1;
    l->cfg = *cfg;
    if ((rc = inputs_try(l->names, l->n, &l->size, eb)) != RF_OK) {
        lines_close(l);
        return rc;
    }
    *out = l;
    return RF_OK;
}

static int read_more(struct lines *l, size_t *got, struct errbuf *eb);

/* Skip the byte order mark at the start of a file. */
static int skip_mark(struct lines *l, struct errbuf *eb)
{
    static const char mark[] = "\xEF\xBB\xBF";
    size_t got = 1;
    int rc = RF_OK;

    while (rc == RF_OK && got && l->block.len < 3 &&
           (l->block.len == 0 || memcmp(l->block.data, mark, l->block.len) == 0))
        rc = read_more(l, &got, eb);
    if (rc == RF_OK)
        l->pos = l->seen = utf8_mark(l->block.data, l->block.len);
    return rc;
}

static int open_next(struct lines *l, struct errbuf *eb)
{
    int rc = input_open(&l->in, l->names[l->at], INPUT_TEXT, eb);

    if (rc != RF_OK)
        return rc;
    l->at++;
    free(l->name);
    l->name = strdup(input_name(l->in));
    l->number = 0;
    buf_clear(&l->block);
    l->pos = l->seen = 0;
    l->block_offset = 0;
    return l->name ? skip_mark(l, eb) : err_nomem(eb);
}

/* Replace what is not UTF-8 in a line, or say where it is. */
static int check(struct lines *l, const char **text, size_t *len, struct errbuf *eb)
{
    size_t bad = utf8_check(*text, *len);

    if (bad == *len)
        return RF_OK;
    if (l->cfg.invalid == INVALID_REFUSE && l->number == 1 && utf8_is_utf16(*text, *len))
        return err_set(eb, RF_EFORMAT, "'%s' is UTF-16, not UTF-8", l->name);
    if (l->cfg.invalid == INVALID_REFUSE)
        return err_set(eb, RF_EFORMAT, "not UTF-8 in '%s', line %llu, byte %llu of the text",
                       l->name, (unsigned long long)l->number,
                       (unsigned long long)(l->block_offset + l->pos + bad));
    buf_clear(&l->fixed);
    if (utf8_repair(&l->fixed, *text, *len, &l->replaced) != RF_OK)
        return err_nomem(eb);
    *text = l->fixed.data;
    *len = l->fixed.len;
    return RF_OK;
}

/* Hand out block[pos..end). `skip` is the length of the line's end; `more`
 * says that the line goes on. */
static int hand_out(struct lines *l, size_t end, size_t skip, bool more, const char **text,
                    size_t *len, struct errbuf *eb)
{
    int rc;

    l->number += !l->more;
    l->total += !l->more;
    l->more = more;
    l->bytes += end - l->pos + skip;
    *text = l->block.data + l->pos;
    *len = end - l->pos;
    if (*len && (*text)[*len - 1] == '\r' && skip)
        --*len;
    if (!more)
        /* The NUL overwrites the LF or the CR, or it is the buffer's own. */
        l->block.data[l->pos + *len] = '\0';
    rc = check(l, text, len, eb);
    l->pos = l->seen = end + skip;
    return rc == RF_OK ? 1 : rc;
}

/* Move the bytes that are left to the front and read more behind them. *got
 * = 0: the file has ended. */
static int read_more(struct lines *l, size_t *got, struct errbuf *eb)
{
    size_t rest = l->block.len - l->pos;
    int rc;

    if (l->pos) {
        memmove(l->block.data, l->block.data + l->pos, rest);
        l->block_offset += l->pos;
        l->seen -= l->pos;
        l->pos = 0;
        l->block.len = rest;
    }
    if (rest > LINE_MAX_BYTES)
        return err_set(eb, RF_ERANGE, "line %llu of '%s' is longer than %d MiB",
                       (unsigned long long)l->number + 1, l->name, LINE_MAX_BYTES >> 20);
    if (buf_reserve(&l->block, BLOCK_BYTES) != RF_OK)
        return err_nomem(eb);
    rc = input_read(l->in, l->block.data + l->block.len, BLOCK_BYTES, got, eb);
    l->block.len += *got;
    l->block.data[l->block.len] = '\0';
    return rc;
}

/* Where a part of a line may end: neither inside a character nor before the LF of a CR LF. */
static size_t part_end(const struct lines *l)
{
    const char *s = l->block.data;
    size_t end = l->block.len, lead = end - 1;

    while (lead + 3 > end && lead > l->pos && (s[lead] & 0xC0) == 0x80)
        lead--;
    if (s[end - 1] == '\r')
        return end - 1;
    return (s[lead] & 0xC0) == 0xC0 ? lead : end; /* a whole one moves on too */
}

static int next_raw(struct lines *l, const char **text, size_t *len, struct errbuf *eb)
{
    for (;;) {
        size_t got;
        char *lf;
        int rc;

        if (!l->in) {
            if (l->at == l->n)
                return 0;
            if ((rc = open_next(l, eb)) != RF_OK)
                return rc;
        }
        lf = l->block.len > l->seen
                 ? memchr(l->block.data + l->seen, '\n', l->block.len - l->seen)
                 : NULL;
        if (lf)
            return hand_out(l, (size_t)(lf - l->block.data), 1, false, text, len, eb);
        l->seen = l->block.len;
        if (l->cfg.part && !l->cfg.jsonl && l->block.len - l->pos >= l->cfg.part)
            return hand_out(l, part_end(l), 0, true, text, len, eb);
        if ((rc = read_more(l, &got, eb)) != RF_OK)
            return rc;
        if (got)
            continue;
        l->consumed += input_consumed(l->in);
        input_close(l->in);
        l->in = NULL;
        if (l->pos < l->block.len || l->more) /* the last line has no end */
            return hand_out(l, l->block.len, 0, false, text, len, eb);
    }
}

/* Find the text in one JSON line. The line is read to its end, so that all
 * of it is known to be good. */
static int find_text(struct lines *l, struct json *j, struct errbuf *eb)
{
    struct json_token t;
    uint64_t lone;
    int rc = json_next(j, &t, eb);
    bool found = false;

    if (rc > 0 && rc != JSON_OBJECT)
        return err_set(eb, RF_EFORMAT, "no JSON object in '%s'", l->name);
    while (rc > 0 && (rc = json_next(j, &t, eb)) > 0) {
        if (t.type != JSON_KEY || !json_is(&t, l->cfg.jsonl)) {
            if ((rc = json_skip(j, eb)) == RF_OK)
                rc = 1;
            continue;
        }
        lone = json_lone_surrogates(j);
        if ((rc = json_next(j, &t, eb)) < 0)
            break;
        if (found || rc != JSON_STRING)
            return err_set(eb, RF_EFORMAT, "%s '%s' in '%s'",
                           found ? "two members" : "no text member", l->cfg.jsonl, l->name);
        found = true;
        if ((lone = json_lone_surrogates(j) - lone) && l->cfg.invalid == INVALID_REFUSE)
            return err_set(eb, RF_EFORMAT, "half of a surrogate pair in member '%s' in '%s'",
                           l->cfg.jsonl, l->name);
        l->replaced += lone;
        l->value = (size_t)t.offset;
        l->value_end = (size_t)t.end;
        if (buf_put(&l->doc, t.text, t.len) != RF_OK)
            return err_nomem(eb);
    }
    if (rc == RF_OK && !found)
        return err_set(eb, RF_EFORMAT, "no text member '%s' in '%s'", l->cfg.jsonl, l->name);
    return rc;
}

static int parse_doc(struct lines *l, const char *text, size_t len, struct errbuf *eb)
{
    const struct json_cfg one = {0};
    struct errbuf why = {0};
    struct json *j = NULL;
    int rc = json_open_text(&j, text, len, l->name, &one, &why);

    buf_clear(&l->doc);
    l->json = text;
    l->json_len = len;
    l->doc_at = 0;
    if (rc == RF_OK)
        rc = find_text(l, j, &why);
    json_close(j);
    l->in_doc = rc == RF_OK;
    l->starts_empty = l->doc.len && l->doc.data[l->doc.data[0] == '\r'] == '\n';
    return rc == RF_OK || rc == RF_ENOMEM ? rc
                                          : err_set(eb, RF_EFORMAT, "%s, line %llu", why.text,
                                                    (unsigned long long)l->number);
}

/* Give the next line of the document. Empty lines inside the text are skipped, because an empty
 * line means the document's end. */
static void next_of_doc(struct lines *l, const char **text, size_t *len)
{
    do {
        char *line = l->doc.data + l->doc_at;
        size_t rest = l->doc.len - l->doc_at;
        char *lf = memchr(line, '\n', rest);

        *text = line;
        *len = lf ? (size_t)(lf - line) : rest;
        l->doc_at += *len + (lf ? 1 : 0);
        if (*len && line[*len - 1] == '\r')
            --*len;
        line[*len] = '\0';
    } while (*len == 0 && l->doc_at < l->doc.len);
    if (*len == 0)
        l->in_doc = false;
}

int lines_next(struct lines *l, const char **text, size_t *len, struct errbuf *eb)
{
    int rc;

    if (!l->cfg.jsonl)
        return next_raw(l, text, len, eb);
    while (!l->in_doc) {
        do
            rc = next_raw(l, text, len, eb);
        while (rc == 1 && *len == 0);
        if (rc != 1)
            return rc;
        if ((rc = parse_doc(l, *text, *len, eb)) != RF_OK)
            return rc;
    }
    next_of_doc(l, text, len);
    return 1;
}

const char *lines_name(const struct lines *l)
{
    return l->name ? l->name : l->names[0];
}

bool lines_more(const struct lines *l)
{
    return l->more;
}

bool lines_inside(const struct lines *l)
{
    return l->in_doc;
}

bool lines_starts_empty(const struct lines *l)
{
    return l->starts_empty;
}

const char *lines_before(const struct lines *l, size_t *len)
{
    *len = l->value;
    return l->json;
}

const char *lines_behind(const struct lines *l, size_t *len)
{
    *len = l->json_len - l->value_end;
    return l->json ? l->json + l->value_end : NULL;
}

uint64_t lines_number(const struct lines *l)
{
    return l->number;
}

uint64_t lines_total(const struct lines *l)
{
    return l->total;
}

uint64_t lines_bytes(const struct lines *l)
{
    return l->bytes;
}

uint64_t lines_replaced(const struct lines *l)
{
    return l->replaced;
}

uint64_t lines_size(const struct lines *l)
{
    return l->size;
}

uint64_t lines_consumed(const struct lines *l)
{
    return l->consumed + (l->in ? input_consumed(l->in) : 0);
}

void lines_close(struct lines *l)
{
    if (!l)
        return;
    input_close(l->in);
    buf_free(&l->block);
    buf_free(&l->fixed);
    buf_free(&l->doc);
    free(l->name);
    free(l);
}
