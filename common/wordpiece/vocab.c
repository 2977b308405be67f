#include "wordpiece/vocab.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/io.h"
#include "base/strtab.h"
#include "base/utf8.h"
#include "text/unicode.h"

enum { VOCAB_MAX_BYTES = 1 << 28 };

struct vocab {
    struct strtab strings;
    uint32_t *string; /* the index of each id's string */
    int32_t *last_id; /* the last id of each string */
    size_t n, cap;
    struct special_ids special;
    XXH128_canonical_t digest;
};

/* True for Unicode's white space. The control characters among it lack UNI_SPACE, because
 * they vanish. */
static bool is_unicode_space(uint32_t cp)
{
    return (cp >= '\t' && cp <= '\r') || cp == 0x85 || uni_class(cp) & UNI_SPACE || cp == ' ';
}

static size_t trimmed(const char *line, size_t len)
{
    while (len) {
        size_t start = len - 1;
        uint32_t cp;

        while ((line[start] & 0xC0) == 0x80)
            start--;
        utf8_next(&cp, line + start);
        if (!is_unicode_space(cp))
            break;
        len = start;
    }
    return len;
}

static int reserve_id(struct vocab *v)
{
    size_t cap = v->cap ? 2 * v->cap : 1024;
    uint32_t *string;
    int32_t *last_id;

    if (v->n < v->cap)
        return RF_OK;
    if ((string = realloc(v->string, cap * sizeof *string)))
        v->string = string;
    if ((last_id = realloc(v->last_id, cap * sizeof *last_id)))
        v->last_id = last_id;
    if (!string || !last_id)
        return RF_ENOMEM;
    v->cap = cap;
    return RF_OK;
}

/* Add the line of the next id, without its LF. */
static int add_token_line(struct vocab *v, const char *line, size_t len, uint64_t *odd)
{
    size_t token = trimmed(line, len), known = v->strings.n, i;
    bool only_cr = len - token == 1 && line[token] == '\r';

    if (reserve_id(v) != RF_OK || strtab_add(&v->strings, line, token, &i) != RF_OK)
        return RF_ENOMEM;
    *odd += token == 0 || i < known || (token < len && !only_cr);
    v->string[v->n] = (uint32_t)i;
    v->last_id[i] = (int32_t)v->n++;
    return RF_OK;
}

static int add_lines(struct vocab *v, const char *at, size_t n, uint64_t *odd, const char *name,
                     struct errbuf *eb)
{
    const char *end = at + n;
    size_t bad = utf8_check(at, n);

    at += utf8_mark(at, n);
    if (at == end)
        return err_set(eb, RF_EFORMAT, "no token in '%s': it is empty", name);
    if (bad < n && utf8_is_utf16(at, n))
        return err_set(eb, RF_EFORMAT, "'%s' is UTF-16, not UTF-8", name);
    if (bad < n)
        return err_set(eb, RF_EFORMAT, "not UTF-8 in '%s', byte %zu", name, bad);
    while (at < end) {
        const char *lf = memchr(at, '\n', (size_t)(end - at));
        const char *stop = lf ? lf : end;

        if (add_token_line(v, at, (size_t)(stop - at), odd) != RF_OK)
            return err_nomem(eb);
        at = stop + 1;
    }
    return RF_OK;
}

static int32_t find_token(const struct vocab *v, const char *token)
{
    return vocab_find(v, token, strlen(token));
}

int vocab_parse(struct vocab **out, const char *text, size_t len, const char *name,
                uint64_t *odd, struct errbuf *eb)
{
    struct vocab *v = calloc(1, sizeof *v);
    uint64_t odd_lines = 0;
    int rc = v ? add_lines(v, text, len, &odd_lines, name, eb) : err_nomem(eb);

    if (rc != RF_OK) {
        vocab_free(v);
        return rc;
    }
    v->special = (struct special_ids){find_token(v, "[PAD]"), find_token(v, "[UNK]"),
                                      find_token(v, "[CLS]"), find_token(v, "[SEP]"),
                                      find_token(v, "[MASK]")};
    XXH128_canonicalFromHash(&v->digest, XXH3_128bits(text, len));
    if (odd)
        *odd = odd_lines;
    *out = v;
    return RF_OK;
}

int vocab_read(struct vocab **out, const char *name, uint64_t *odd, struct errbuf *eb)
{
    struct buf file = {0};
    int rc = input_slurp(&file, name, INPUT_RAW, VOCAB_MAX_BYTES, eb);

    if (rc == RF_OK)
        rc = vocab_parse(out, file.data, file.len, name, odd, eb);
    buf_free(&file);
    return rc;
}

size_t vocab_size(const struct vocab *v)
{
    return v->n;
}

const char *vocab_token(const struct vocab *v, int32_t id, size_t *len)
{
    return strtab_get(&v->strings, v->string[id], len);
}

int32_t vocab_find(const struct vocab *v, const char *token, size_t len)
{
    size_t i = strtab_find(&v->strings, token, len);

    if (i == STRTAB_NONE)
        return -1;
    assert(v->last_id); /* last_id exists, because there is a string */
    return v->last_id[i];
}

struct special_ids vocab_special(const struct vocab *v)
{
    return v->special;
}

const uint8_t *vocab_digest(const struct vocab *v)
{
    return v->digest.digest;
}

void vocab_free(struct vocab *v)
{
    if (!v)
        return;
    strtab_free(&v->strings);
    free(v->string);
    free(v->last_id);
    free(v);
}
