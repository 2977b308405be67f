/*
 * json.h: JSON of any length (RFC 8259), a token at a time, in bounded memory.
 *
 *     while ((rc = json_next(j, &t, eb)) > 0)
 *         if (t.type == JSON_KEY && !json_is(&t, "text"))
 *             rc = json_skip(j, eb);
 *
 * Strict: what the grammar does not allow is an error that names file and byte. A byte order
 * mark before a value is passed over; repeated keys are the caller's to judge.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/io.h"

enum {
    JSON_MAX_DEPTH = 64,            /* arrays and objects inside each other */
    JSON_MAX_BYTES = LINE_MAX_BYTES /* of a string or number that is not skipped, decoded */
};

enum json_type {
    JSON_END, /* of the input */
    JSON_OBJECT,
    JSON_OBJECT_END,
    JSON_ARRAY,
    JSON_ARRAY_END,
    JSON_KEY,
    JSON_STRING,
    JSON_NUMBER, /* text: as written */
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL
};

struct json_token {
    enum json_type type;
    const char *text; /* of a key, string or number: valid UTF-8, not NUL-terminated; may hold
                         U+0000; lives until the next call */
    size_t len;
    uint64_t offset, end; /* of its first byte in the input, and behind its last */
};

struct json_cfg {
    bool many;     /* several values in a row; else anything after the first is an error */
    int invalid;   /* an invalid_mode, for bytes in strings that are not UTF-8 */
    uint64_t base; /* of json_open_text(): the offset of its first byte */
};

struct json;

/**
 * Read from `in`, which is borrowed. RF_OK with *j, to be given to json_close(), or RF_ENOMEM.
 */
MUST_CHECK int json_open(struct json **j, struct input *in, const struct json_cfg *cfg,
                         struct errbuf *eb);

/** The same over n bytes in memory; `name` is for messages. Both are borrowed. */
MUST_CHECK int json_open_text(struct json **j, const char *text, size_t n, const char *name,
                              const struct json_cfg *cfg, struct errbuf *eb);

/**
 * The next token. Returns its type: JSON_END (0) after the last value; or RF_EFORMAT (bad
 * syntax, not UTF-8), RF_ETRUNC (the input ends inside a value, or has none), RF_ERANGE (past a
 * limit above), RF_ENOMEM, or input_read()'s errors. After an error only json_close() may
 * follow.
 */
MUST_CHECK int json_next(struct json *j, struct json_token *t, struct errbuf *eb);

/**
 * Pass over what the last token began: after a key its value, of any length; after the start of
 * an object or array the rest of it; else nothing. RF_OK or json_next()'s errors.
 */
MUST_CHECK int json_skip(struct json *j, struct errbuf *eb);

/** Is the token's text this one? */
bool json_is(const struct json_token *t, const char *text);

/** Escapes \uD800 to \uDFFF without their other half: each became U+FFFD. */
uint64_t json_lone_surrogates(const struct json *j);

/** Ill-formed bytes in strings that became U+FFFD (INVALID_REPLACE). */
uint64_t json_replaced(const struct json *j);

/** Free; NULL is fine. */
void json_close(struct json *j);

#endif
