/*
 * sentence.h: finds where the sentences of a line end.
 *
 * It is made for Korean as it is written in books and in blogs. There a sentence may end in a
 * mark, in a mark and a face (ㅋㅋ, ^^, an emoji), or in nothing but a final ending (-습니다,
 * -어요, -었음). Latin, Cyrillic, Chinese and Japanese text is split at its marks. Text inside
 * a pair of quotation marks or brackets is never split.
 *
 * Each line is judged by itself, in time and memory linear in its length. Nothing is changed:
 * the sentences of a line and the white space between them are the line.
 */
#ifndef TEXT_SENTENCE_H
#define TEXT_SENTENCE_H

#include <stdbool.h>

#include "base/io.h"
#include "base/progress.h"

struct splitter;

enum {
    MAX_QUOTE = 500
}; /* in characters; the longest of the 91 sentences of nested.txt has 285 */

/** A quotation or bracket of more than `max_quote` characters does not protect the text inside.
 * RF_OK with *s, which splitter_free() takes back; RF_ENOMEM. */
MUST_CHECK int splitter_new(struct splitter **s, uint64_t max_quote, struct errbuf *eb);

/** Take a line of valid UTF-8, which is borrowed until the next call of this function.
 * RF_OK, RF_ENOMEM. */
MUST_CHECK int splitter_line(struct splitter *s, const char *text, size_t len,
                             struct errbuf *eb);

/** Give the next sentence of the line: *len bytes at *sentence, which lie inside the line.
 * False at the end of the line. */
MUST_CHECK bool splitter_next(struct splitter *s, const char **sentence, size_t *len);

/** Free; NULL is fine. */
void splitter_free(struct splitter *s);

struct split_totals {
    uint64_t documents, titles;
    uint64_t lines, sentences; /* lines: read, without titles and blank lines */
};

/**
 * Copy the text from `in` to `out` with one sentence a line. Blank lines stay, and if `titles`
 * is set, so do the titles of documents (document.h). *totals is overwritten. RF_OK, or the
 * errors of lines_next() and text_out_line().
 */
MUST_CHECK int split_text(struct splitter *s, struct lines *in, struct text_out *out,
                          bool titles, struct split_totals *totals, struct progress *progress,
                          struct errbuf *eb);

#endif
