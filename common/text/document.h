/*
 * document.h: the lines of a text, each with what it is in its document.
 *
 * A document is its lines up to a blank one; a line of white space is blank. Its first line is
 * its title, if titles are asked for and another line of it follows: an only line is text. A
 * second blank line before a document, or one at the start of the text, stands where its title
 * would: it has none. In JSON lines an empty first line of the text says the same.
 */
#ifndef TEXT_DOCUMENT_H
#define TEXT_DOCUMENT_H

#include "base/io.h"

enum line_kind { LINE_TITLE, LINE_TEXT, LINE_BLANK };

struct document_line {
    const char *text; /* of `len` bytes */
    size_t len;
    enum line_kind kind;
    bool untitled; /* the first line of a document of JSON lines, behind an empty line that says
                      that the document has no title */
    bool only;     /* the only line of a document, which would be a title if others followed */
};

/** {.lines = l, .titles = t} is the state at the start; titles: documents may have titles. */
struct document_lines {
    struct lines *lines;
    bool titles;
    bool begun;      /* there was a line of text */
    bool inside;     /* the last line was one */
    uint64_t blanks; /* how many blank lines follow it */
    struct buf first;
    struct document_line next; /* the line behind `first`, if it waits to be given */
    bool waits;
};

/**
 * Give the next line, which lives until the next call. Blank lines inside the text of JSON
 * lines are left out; a blank line ends each of their documents. Lines may not come in parts.
 * Returns 1, 0 at the end, lines_next()'s errors, RF_ENOMEM.
 */
MUST_CHECK int document_lines_next(struct document_lines *d, struct document_line *line,
                                   struct errbuf *eb);

void document_lines_free(struct document_lines *d);

#endif
