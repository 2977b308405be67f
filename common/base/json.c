#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_number.h"
#include "base/json_scan.h"
#include "base/utf8.h"

enum { BLOCK_BYTES = 256 << 10, ESCAPE_BYTES = 6 };

enum state {
    FIRST,        /* before the first value */
    TOP,          /* between values */
    VALUE,        /* a value must come */
    VALUE_OR_END, /* after [ */
    KEY,          /* after a comma in an object */
    KEY_OR_END,   /* after { */
    COLON,        /* after a key */
    AFTER         /* after a value inside something */
};

struct json {
    struct input *in; /* NULL: the whole input is in memory */
    const char *name;
    struct json_cfg cfg;
    char *block;         /* what was read from `in` */
    const char *p, *end; /* not yet consumed: in `block` or in the caller's memory */
    uint64_t end_offset; /* the offset of `end` in the input */
    bool at_end;         /* nothing comes after `end` */
    struct buf text;     /* a number, or a string that has escapes or crosses blocks */
    bool discard;        /* true while skipping: no text is kept */
    uint64_t objects;    /* bit d is set if an object is open at depth d, else an array */
    unsigned depth;
    enum state state;
    enum json_type last;
    uint64_t lone, replaced;
};

/* 16 + the value of a hexadecimal digit. 0: the byte is no such digit. */
static const unsigned char hex_value[256] = {
    ['0'] = 16, ['1'] = 17, ['2'] = 18, ['3'] = 19, ['4'] = 20, ['5'] = 21,
    ['6'] = 22, ['7'] = 23, ['8'] = 24, ['9'] = 25, ['a'] = 26, ['b'] = 27,
    ['c'] = 28, ['d'] = 29, ['e'] = 30, ['f'] = 31, ['A'] = 26, ['B'] = 27,
    ['C'] = 28, ['D'] = 29, ['E'] = 30, ['F'] = 31};

static uint64_t offset_of(const struct json *j, const char *p)
{
    return j->end_offset - (uint64_t)(j->end - p);
}

static int bad(const struct json *j, const char *at, const char *what, struct errbuf *eb)
{
    return err_set(eb, RF_EFORMAT, "bad JSON in '%s', byte %llu: %s", j->name,
                   (unsigned long long)offset_of(j, at), what);
}

static int cut(const struct json *j, struct errbuf *eb)
{
    if (j->state == FIRST)
        return err_set(eb, RF_ETRUNC, "no JSON value in '%s': it ends at byte %llu", j->name,
                       (unsigned long long)j->end_offset);
    return err_set(eb, RF_ETRUNC, "JSON in '%s' ends too early, at byte %llu", j->name,
                   (unsigned long long)j->end_offset);
}

static int new_json(struct json **out, const struct json_cfg *cfg, struct errbuf *eb)
{
    struct json *j = calloc(1, sizeof *j);

    if (!j)
        return err_nomem(eb);
    j->cfg = *cfg;
    *out = j;
    return RF_OK;
}

int json_open(struct json **out, struct input *in, const struct json_cfg *cfg,
              struct errbuf *eb)
{
    struct json *j = NULL;
    int rc = new_json(&j, cfg, eb);

    if (rc != RF_OK)
        return rc;
    j->in = in;
    j->name = input_name(in);
    if (!(j->block = malloc(BLOCK_BYTES))) {
        json_close(j);
        return err_nomem(eb);
    }
    j->p = j->end = j->block;
    *out = j;
    return RF_OK;
}

int json_open_text(struct json **out, const char *text, size_t n, const char *name,
                   const struct json_cfg *cfg, struct errbuf *eb)
{
    int rc = new_json(out, cfg, eb);

    if (rc != RF_OK)
        return rc;
    (*out)->name = name;
    (*out)->p = text;
    (*out)->end = text + n;
    (*out)->end_offset = cfg->base + n;
    (*out)->at_end = true;
    return RF_OK;
}

void json_close(struct json *j)
{
    if (!j)
        return;
    buf_free(&j->text);
    free(j->block);
    free(j);
}

/* Read more input. The few bytes that are not yet consumed are kept. */
static int refill(struct json *j, struct errbuf *eb)
{
    size_t rest = (size_t)(j->end - j->p), got;
    int rc;

    if (j->at_end)
        return RF_OK;
    memmove(j->block, j->p, rest);
    j->p = j->block;
    j->end = j->block + rest;
    if ((rc = input_read(j->in, j->block + rest, BLOCK_BYTES - rest, &got, eb)) != RF_OK)
        return rc;
    j->end += got;
    j->end_offset += got;
    j->at_end = got == 0;
    return RF_OK;
}

/* Read until n bytes are at p; only at the end of the input may they be fewer. */
static int need(struct json *j, size_t n, struct errbuf *eb)
{
    int rc = RF_OK;

    while (rc == RF_OK && (size_t)(j->end - j->p) < n && !j->at_end)
        rc = refill(j, eb);
    return rc;
}

static int too_long(const struct json *j, struct errbuf *eb)
{
    return err_set(eb, RF_ERANGE, "string or number of over %d MiB in '%s', byte %llu",
                   JSON_MAX_BYTES >> 20, j->name, (unsigned long long)offset_of(j, j->p));
}

static int keep(struct json *j, const char *text, size_t n, struct errbuf *eb)
{
    if (j->discard)
        return RF_OK;
    if (n > JSON_MAX_BYTES - j->text.len)
        return too_long(j, eb);
    return buf_put(&j->text, text, n) == RF_OK ? RF_OK : err_nomem(eb);
}

/* The code of \uXXXX at p, where six bytes must be. -1: these are not
 * four hexadecimal digits. */
static int32_t hex4(const char *p)
{
    unsigned a = hex_value[(unsigned char)p[2]], b = hex_value[(unsigned char)p[3]];
    unsigned c = hex_value[(unsigned char)p[4]], d = hex_value[(unsigned char)p[5]];

    if (!(a & b & c & d & 16))
        return -1;
    return (int32_t)((a & 15) << 12 | (b & 15) << 8 | (c & 15) << 4 | (d & 15));
}

/* The code of \uXXXX at p; p does not move. RF_ETRUNC if the input ends inside the escape. */
static int32_t unit_at(struct json *j, struct errbuf *eb)
{
    int32_t unit = j->end - j->p < ESCAPE_BYTES ? -1 : hex4(j->p);
    const char *q = j->p + 2;

    if (unit >= 0)
        return unit;
    while (q < j->end && hex_value[(unsigned char)*q])
        q++;
    return q == j->end ? cut(j, eb) : bad(j, j->p, "\\u without four digits", eb);
}

/* Decode one \u escape, or two that are a surrogate pair. */
static int unicode_escape(struct json *j, struct errbuf *eb)
{
    char utf8[UTF8_MAX_BYTES];
    int32_t unit, low = -1;
    uint32_t cp;
    int rc = need(j, 2 * ESCAPE_BYTES, eb);

    if (rc != RF_OK)
        return rc;
    if ((unit = unit_at(j, eb)) < 0)
        return unit;
    j->p += ESCAPE_BYTES;
    cp = (uint32_t)unit;
    if (cp >= 0xD800 && cp < 0xDC00 && j->end - j->p >= ESCAPE_BYTES && j->p[0] == '\\' &&
        j->p[1] == 'u')
        low = hex4(j->p);
    if (low >= 0xDC00 && low < 0xE000) {
        cp = 0x10000 + ((cp - 0xD800) << 10) + ((uint32_t)low - 0xDC00);
        j->p += ESCAPE_BYTES;
    } else if (cp >= 0xD800 && cp < 0xE000) {
        cp = 0xFFFD;
        j->lone++;
    }
    return keep(j, utf8, utf8_encode(utf8, cp), eb);
}

/* Some dumps escape all their text. Decode the usual escapes, those without surrogates, and the
 * ASCII between them, many at once. */
static int plain_units(struct json *j, struct errbuf *eb)
{
    char utf8[256 * UTF8_MAX_BYTES];
    const char *p = j->discard ? json_pass_units(j->p, j->end) : j->p;
    size_t n = 0;

    while (p < j->end && n <= sizeof utf8 - UTF8_MAX_BYTES) {
        size_t bytes = *p == '\\' ? ESCAPE_BYTES : 1;
        int32_t unit = bytes == 1                                  ? (unsigned char)*p
                       : j->end - p >= ESCAPE_BYTES && p[1] == 'u' ? hex4(p)
                                                                   : -1;

        if (bytes == 1 ? unit < ' ' || unit == '"' || unit > '~'
                       : unit < 0 || (unit >= 0xD800 && unit < 0xE000))
            break;
        if (!j->discard)
            n += utf8_encode(utf8 + n, (uint32_t)unit);
        p += bytes;
    }
    if (p == j->p)
        return unicode_escape(j, eb);
    j->p = p;
    return keep(j, utf8, n, eb);
}

static int escape(struct json *j, struct errbuf *eb)
{
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    const char *letter;
    int rc = need(j, 2, eb);

    if (rc != RF_OK)
        return rc;
    if (j->end - j->p < 2)
        return cut(j, eb);
    if (j->p[1] == 'u')
        return plain_units(j, eb);
    letter = j->p[1] ? strchr(letters, j->p[1]) : NULL;
    if (!letter)
        return bad(j, j->p, "unknown escape in a string", eb);
    j->p += 2;
    return keep(j, meant + (letter - letters), 1, eb);
}

/* Check the bytes p..*q of a string and keep them. If the block cuts a character, *q is moved
 * back to the character's start. */
static int keep_run(struct json *j, const char **q, bool ascii, struct errbuf *eb)
{
    size_t n = (size_t)(*q - j->p), good = ascii ? n : utf8_check(j->p, n);

    if (good < n && *q == j->end && n - good < UTF8_MAX_BYTES) {
        n = good;
        *q = j->p + n;
    }
    if (good == n)
        return keep(j, j->p, n, eb);
    if (j->cfg.invalid == INVALID_REFUSE)
        return err_set(eb, RF_EFORMAT, "not UTF-8 in '%s', byte %llu", j->name,
                       (unsigned long long)offset_of(j, j->p + good));
    if (j->discard)
        return RF_OK;
    if (utf8_repair(&j->text, j->p, n, &j->replaced) != RF_OK)
        return err_nomem(eb);
    return j->text.len > JSON_MAX_BYTES ? too_long(j, eb) : RF_OK;
}

/* Decode the string whose opening quote is at p. */
static int string(struct json *j, struct json_token *t, struct errbuf *eb)
{
    int rc;

    buf_clear(&j->text);
    j->p++;
    for (bool whole = true;; whole = false) {
        bool ascii, stopped;
        const char *q = json_special(j->p, j->end, &ascii);

        stopped = q < j->end;
        if (whole && stopped && *q == '"' &&
            (ascii || utf8_check(j->p, (size_t)(q - j->p)) == (size_t)(q - j->p))) {
            t->text = j->p; /* nothing is escaped: the text is used where it lies */
            t->len = (size_t)(q - j->p);
            j->p = q + 1;
            return RF_OK;
        }
        if ((rc = keep_run(j, &q, ascii, eb)) != RF_OK)
            return rc;
        j->p = q;
        if (!stopped) {
            if (j->at_end)
                return cut(j, eb);
            rc = refill(j, eb);
        } else if (*q == '"') {
            break;
        } else if (*q == '\\') {
            rc = escape(j, eb);
        } else {
            rc = bad(j, q, "control character in a string", eb);
        }
        if (rc != RF_OK)
            return rc;
    }
    j->p++;
    t->text = j->text.data ? j->text.data : "";
    t->len = j->text.len;
    return RF_OK;
}

/* Returns the end of the bytes from p on that a number may have. */
static const char *pass_number(const char *p, const char *end)
{
    while (p < end && ((*p >= '0' && *p <= '9') || *p == '-' || *p == '+' || *p == '.' ||
                       *p == 'e' || *p == 'E'))
        p++;
    return p;
}

/* Put together a number that the block cuts. It is checked when it is whole, so it is kept even
 * while skipping. */
static int gather_number(struct json *j, struct json_token *t, struct errbuf *eb)
{
    bool discard = j->discard;
    int rc = RF_OK;

    buf_clear(&j->text);
    j->discard = false;
    do {
        const char *q = pass_number(j->p, j->end);

        rc = keep(j, j->p, (size_t)(q - j->p), eb);
        j->p = q;
        if (rc == RF_OK && q == j->end)
            rc = refill(j, eb);
        else
            break;
    } while (rc == RF_OK && j->p < j->end);
    j->discard = discard;
    t->text = j->text.data;
    t->len = j->text.len;
    return rc;
}

static int number(struct json *j, struct json_token *t, struct errbuf *eb)
{
    const char *q = pass_number(j->p, j->end);
    int rc = RF_OK;

    if (q < j->end) {
        t->text = j->p; /* the text is used where it lies */
        t->len = (size_t)(q - j->p);
        j->p = q;
    } else if ((rc = gather_number(j, t, eb)) != RF_OK) {
        return rc;
    }
    if (json_number_end(t->text, t->text + t->len) == t->text + t->len)
        return RF_OK;
    if (j->p == j->end)
        return cut(j, eb);
    return err_set(eb, RF_EFORMAT, "bad JSON in '%s', byte %llu: not a number", j->name,
                   (unsigned long long)t->offset);
}

static int word(struct json *j, const char *text, struct errbuf *eb)
{
    size_t n = strlen(text);
    int rc = need(j, n, eb);

    if (rc != RF_OK)
        return rc;
    if ((size_t)(j->end - j->p) < n && memcmp(j->p, text, (size_t)(j->end - j->p)) == 0)
        return cut(j, eb);
    if ((size_t)(j->end - j->p) < n || memcmp(j->p, text, n) != 0)
        return bad(j, j->p, "a value was expected", eb);
    j->p += n;
    return RF_OK;
}

static int begin(struct json *j, bool object, struct errbuf *eb)
{
    if (j->depth == JSON_MAX_DEPTH)
        return err_set(eb, RF_ERANGE, "JSON in '%s' is nested deeper than %d, byte %llu",
                       j->name, JSON_MAX_DEPTH, (unsigned long long)offset_of(j, j->p));
    j->objects = (j->objects & ~((uint64_t)1 << j->depth)) | (uint64_t)object << j->depth;
    j->depth++;
    j->state = object ? KEY_OR_END : VALUE_OR_END;
    j->p++;
    return object ? JSON_OBJECT : JSON_ARRAY;
}

static int end_nested(struct json *j, bool object)
{
    j->p++;
    j->depth--;
    j->state = j->depth ? AFTER : TOP;
    return object ? JSON_OBJECT_END : JSON_ARRAY_END;
}

static int scalar(struct json *j, int rc, enum json_type type)
{
    j->state = j->depth ? AFTER : TOP;
    return rc == RF_OK ? (int)type : rc;
}

static int value(struct json *j, struct json_token *t, struct errbuf *eb)
{
    switch (*j->p) {
    case '{': return begin(j, true, eb);
    case '[': return begin(j, false, eb);
    case '"': return scalar(j, string(j, t, eb), JSON_STRING);
    case 't': return scalar(j, word(j, "true", eb), JSON_TRUE);
    case 'f': return scalar(j, word(j, "false", eb), JSON_FALSE);
    case 'n': return scalar(j, word(j, "null", eb), JSON_NULL);
    default:
        if (*j->p == '-' || (*j->p >= '0' && *j->p <= '9'))
            return scalar(j, number(j, t, eb), JSON_NUMBER);
        return bad(j, j->p, "a value was expected", eb);
    }
}

/* A byte order mark may stand before each value, as in concatenated files. UTF-16 is
 * named. */
static int byte_order_mark(struct json *j, struct errbuf *eb)
{
    size_t n, mark;
    int rc = need(j, 4, eb);

    if (rc != RF_OK)
        return rc;
    n = (size_t)(j->end - j->p);
    mark = utf8_mark(j->p, n);
    if (mark && (j->state == FIRST || j->cfg.many))
        j->p += mark;
    else if (utf8_is_utf16(j->p, n))
        return bad(j, j->p, "it is UTF-16, not UTF-8", eb);
    return RF_OK;
}

/* Skip white space, so that p < end; only at the end of the input is p == end. */
static int white_space(struct json *j, struct errbuf *eb)
{
    int rc = RF_OK;

    for (;;) {
        while (j->p < j->end && (unsigned char)*j->p <= ' ' &&
               (*j->p == ' ' || *j->p == '\n' || *j->p == '\r' || *j->p == '\t'))
            j->p++;
        if (j->p < j->end || j->at_end || rc != RF_OK)
            return rc;
        rc = refill(j, eb);
    }
}

static int key(struct json *j, struct json_token *t, struct errbuf *eb)
{
    int rc;

    if (*j->p != '"')
        return bad(j, j->p, "a key was expected", eb);
    j->state = COLON;
    rc = string(j, t, eb);
    return rc == RF_OK ? JSON_KEY : rc;
}

/* Handle the byte behind a value. A comma sets the next state, and 0 is returned; an
 * end is returned as a token. */
static int after(struct json *j, struct errbuf *eb)
{
    bool object = j->objects >> (j->depth - 1) & 1;

    if (*j->p == (object ? '}' : ']'))
        return end_nested(j, object);
    if (*j->p != ',')
        return bad(j, j->p, object ? "',' or '}' was expected" : "',' or ']' was expected", eb);
    j->p++;
    j->state = object ? KEY : VALUE;
    return 0;
}

/* Handle the byte at p and return its token. 0: it was a comma or a colon,
 * so the caller calls again. */
static int take_byte(struct json *j, struct json_token *t, struct errbuf *eb)
{
    switch (j->state) {
    case TOP:
        if (!j->cfg.many)
            return bad(j, j->p, "something follows the value", eb);
        return value(j, t, eb);
    case COLON:
        if (*j->p != ':')
            return bad(j, j->p, "':' was expected", eb);
        j->p++;
        j->state = VALUE;
        return 0;
    case AFTER: return after(j, eb);
    case KEY_OR_END:
        if (*j->p == '}')
            return end_nested(j, true);
        return key(j, t, eb);
    case KEY: return key(j, t, eb);
    case VALUE_OR_END:
        if (*j->p == ']')
            return end_nested(j, false);
        return value(j, t, eb);
    default: return value(j, t, eb);
    }
}

/* Go to the next byte that is no white space. Before a value at the top a byte order mark may
 * stand. */
static int next_byte(struct json *j, struct errbuf *eb)
{
    int rc = j->state == TOP ? white_space(j, eb) : RF_OK;

    if (rc == RF_OK && (j->state == FIRST || j->state == TOP))
        rc = byte_order_mark(j, eb);
    return rc == RF_OK ? white_space(j, eb) : rc;
}

int json_next(struct json *j, struct json_token *t, struct errbuf *eb)
{
    int rc;

    do {
        bool there = j->p < j->end && (unsigned char)*j->p > ' ' && j->state > TOP;

        if (!there && (rc = next_byte(j, eb)) != RF_OK)
            return rc;
        t->offset = offset_of(j, j->p);
        if (j->p == j->end) {
            if (j->state != TOP)
                return cut(j, eb);
            return t->type = j->last = JSON_END;
        }
        rc = take_byte(j, t, eb);
    } while (rc == 0);
    if (rc > 0) {
        t->type = j->last = (enum json_type)rc;
        t->end = offset_of(j, j->p);
    }
    return rc;
}

int json_skip(struct json *j, struct errbuf *eb)
{
    bool whole = j->last == JSON_OBJECT || j->last == JSON_ARRAY;
    unsigned depth = j->depth - whole;
    struct json_token t;
    int rc = RF_OK;

    if (!whole && j->last != JSON_KEY)
        return RF_OK;
    j->discard = true;
    do
        rc = json_next(j, &t, eb);
    while (rc > 0 && j->depth > depth);
    j->discard = false;
    return rc < 0 ? rc : RF_OK;
}

int json_string(struct json *j, struct buf *to, struct errbuf *eb)
{
    struct json_token t = {0};
    int rc = json_next(j, &t, eb);

    buf_clear(to);
    if (rc == JSON_STRING && buf_put(to, t.text, t.len) != RF_OK)
        return err_nomem(eb);
    return rc < 0 ? rc : json_skip(j, eb);
}

uint64_t json_lone_surrogates(const struct json *j)
{
    return j->lone;
}

uint64_t json_replaced(const struct json *j)
{
    return j->replaced;
}
