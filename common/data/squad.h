/*
 * squad.h: questions on texts, as SQuAD v1.1 and KorQuAD v1.0 keep them in JSON:
 *
 *     {"data": [{"paragraphs": [{"context": "...", "qas": [{"id": "...", "question": "...",
 *         "answers": [{"text": "...", "answer_start": 12}]}]}]}]}
 *
 * Keys may stand in any order, and others are skipped. A context is held with its questions
 * until it has ended, because KorQuAD has its questions first; nothing else is held, so files
 * may have any length.
 *
 * Of a key that stands twice in a question or a paragraph the last one counts, as for Python's
 * json; "data" and "paragraphs", whose values were handed out by then, may not stand twice.
 */
#ifndef DATA_SQUAD_H
#define DATA_SQUAD_H

#include <stdbool.h>

#include "base/io.h"

enum { SQUAD_MAX_BYTES = 64 << 20 }; /* of a context with its questions */

#define SQUAD_NO_START UINT64_MAX

struct squad_cfg {
    bool join; /* a context is a whole article: its paragraphs with a line feed between two */
    bool answers; /* only ids and answers are wanted, for scores: contexts, questions and starts
                     may be missing, and what they are is not looked at */
};

struct squad_answer {
    const char *text;
    size_t len;
    uint64_t start; /* the character (code point) of the context where it starts, from 0;
                       SQUAD_NO_START: the number is negative or beyond any context */
};

struct squad_question {
    const char *id, *text;
    size_t id_len, len; /* len is that of text */
    const struct squad_answer *answers;
    size_t n_answers;
    bool has_answers; /* there is a list of answers, which may be empty */
    uint64_t at;      /* the byte of the file where the question begins, for messages */
};

/** A context with all its questions. All texts are valid UTF-8 with a NUL behind them. */
struct squad_context {
    const char *text;
    size_t len;
    const struct squad_question *questions;
    size_t n;
    const size_t *borders; /* of a joined article: the byte where each of its paragraphs but the
                              first begins, behind a line feed */
    size_t n_borders;
    const char *file; /* for messages */
};

struct squad;

/** Read these files one after the other; n = 0 reads standard input. The names stay the
 * caller's and must live as long as *s. All are checked at once, so that a missing one is an
 * error before any work. RF_OK, RF_EIO, RF_ENOMEM. */
MUST_CHECK int squad_open(struct squad **s, char *const *names, int n,
                          const struct squad_cfg *cfg, struct errbuf *eb);

/**
 * Read the next context that has questions. It lives until the next call. Returns 1, 0 at the
 * end, RF_EFORMAT (what the layout above wants is missing or of another type; the message has
 * file, byte and key), RF_ERANGE (over SQUAD_MAX_BYTES), or json_next()'s errors.
 */
MUST_CHECK int squad_next(struct squad *s, struct squad_context *c, struct errbuf *eb);

/** For progress: the size of all files in bytes (0: not known), and how many were read. */
uint64_t squad_size(const struct squad *s);
uint64_t squad_consumed(const struct squad *s);

/** Free; NULL is fine. */
void squad_close(struct squad *s);

#endif
