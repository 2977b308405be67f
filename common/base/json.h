/*
 * json.h: JSON of any length (RFC 8259), a token at a time, in bounded memory.
 *
 *     while ((rc = json_next(j, &t, eb)) > 0)
 *         if (t.type == JSON_KEY && !json_is(&t, "text"))
 *             rc = json_skip(j, eb);
 *
 * The reader is strict: what the grammar does not allow is an error that names the
 * file and the byte. A byte order mark before a value is ignored. Repeated keys are
 * left for the caller to judge.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/io.h"

enum {
    JSON_MAX_DEPTH = 64,            /* how deep arrays and objects may be nested */
    JSON_MAX_BYTES = LINE_MAX_BYTES /* of a string or number that is not skipped, decoded */
};

enum json_type {
    JSON_END, /* the end of the input */
    JSON_OBJECT,
    JSON_OBJECT_END,
    JSON_ARRAY,
    JSON_ARRAY_END,
    JSON_KEY,
    JSON_STRING,
    JSON_NUMBER, /* its text is as written */
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL
};

struct json_token {
    enum json_type type;
    const char *text; /* the text of a key, string or number: valid UTF-8 that may hold U+0000
                         and has no NUL behind it. It lives until the next call */
    size_t len;
    uint64_t offset, end; /* where the token begins in the input, and where it ends */
};

struct json_cfg {
    bool many;   /* several values may follow each other; else anything after the first value is
                    an error */
    int invalid; /* an invalid_mode: what to do with bytes in strings that are not UTF-8 */
    uint64_t base; /* for json_open_text(): the offset of its first byte */
};

struct json;

/**
 * Read from `in`, which is borrowed. RF_OK with *j, which json_close()
 * takes back, or RF_ENOMEM.
 */
MUST_CHECK int json_open(struct json **j, struct input *in, const struct json_cfg *cfg,
                         struct errbuf *eb);

/** Read n bytes in memory; `name` is for messages. `text` and `name` are borrowed. */
MUST_CHECK int json_open_text(struct json **j, const char *text, size_t n, const char *name,
                              const struct json_cfg *cfg, struct errbuf *eb);

/**
 * Read the next token and return its type: JSON_END (0) after the last value. Or RF_EFORMAT
 * (bad syntax, not UTF-8), RF_ETRUNC (the input ends inside a value, or has none), RF_ERANGE
 * (past a limit above), RF_ENOMEM, or input_read()'s errors. After an error only
 * json_close() may follow.
 */
MUST_CHECK int json_next(struct json *j, struct json_token *t, struct errbuf *eb);

/**
 * Skip what the last token began: after a key its value, of any length; after the start of an
 * object or array the rest of it; after any other token nothing. RF_OK or json_next()'s errors.
 */
MUST_CHECK int json_skip(struct json *j, struct errbuf *eb);

/** Read the value that follows, such as that of a key. `to` becomes its text, or is empty if it
 * is no string. RF_OK, json_next()'s errors, or RF_ENOMEM. */
MUST_CHECK int json_string(struct json *j, struct buf *to, struct errbuf *eb);

/** True if the text of the token is `text`. */
static inline bool json_is(const struct json_token *t, const char *text)
{
    return t->len == strlen(text) && memcmp(t->text, text, t->len) == 0;
}

/** Returns how many escapes \uD800 to \uDFFF had no other half; each became U+FFFD. */
uint64_t json_lone_surrogates(const struct json *j);

/** Returns how many ill-formed parts of strings became U+FFFD (INVALID_REPLACE). */
uint64_t json_replaced(const struct json *j);

/** Free; NULL is fine. */
void json_close(struct json *j);

#endif
