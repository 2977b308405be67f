/*
 * sentence.h: where the sentences of a line end.
 *
 * Made for Korean as it is written, in books and in blogs: a sentence may end in a mark, in a
 * mark and a face (ㅋㅋ, ^^, an emoji), or in nothing but a final ending (-습니다, -어요,
 * -었음). Latin, Cyrillic, Chinese and Japanese text is split at its marks. What stands inside
 * a pair of quotation marks or brackets is never split.
 *
 * Each line is judged by itself, in time and memory linear in its length, and nothing is
 * changed: the sentences of a line, with the white space between them, are the line.
 */
#ifndef TEXT_SENTENCE_H
#define TEXT_SENTENCE_H

#include <stdbool.h>

#include "base/io.h"
#include "base/progress.h"

struct splitter;

enum {
    MAX_QUOTE = 500
}; /* characters; of the 91 sentences of nested.txt the longest has 285 */

/** `max_quote`: a quotation or bracket of more characters than this protects nothing. RF_OK
 * with *s, to be given to splitter_free(); RF_ENOMEM. */
MUST_CHECK int splitter_new(struct splitter **s, uint64_t max_quote, struct errbuf *eb);

/** Take a line of valid UTF-8, borrowed until the next call of this. RF_OK, RF_ENOMEM. */
MUST_CHECK int splitter_line(struct splitter *s, const char *text, size_t len,
                             struct errbuf *eb);

/** The next sentence of the line: *len bytes at *sentence, inside the line. False at its end.
 */
MUST_CHECK bool splitter_next(struct splitter *s, const char **sentence, size_t *len);

/** Free; NULL is fine. */
void splitter_free(struct splitter *s);

struct split_totals {
    uint64_t documents, lines, sentences; /* lines: read, without titles and blank ones */
};

/**
 * Copy text from `in` to `out` with one sentence a line. Blank lines stay, and with `titles`
 * the first line of each document stays whole. *totals is overwritten. RF_OK, or the errors of
 * lines_next() and text_out_line().
 */
MUST_CHECK int split_text(struct splitter *s, struct lines *in, struct text_out *out,
                          bool titles, struct split_totals *totals, struct progress *progress,
                          struct errbuf *eb);

#endif
