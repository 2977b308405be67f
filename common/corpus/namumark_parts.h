/*
 * namumark_parts.h: what the two halves of namumark share: blocks (namumark.c) and the inside
 * of a line (namumark_line.c). No other file may use it.
 */
#ifndef CORPUS_NAMUMARK_PARTS_H
#define CORPUS_NAMUMARK_PARTS_H

#include "corpus/namumark.h"

enum { OPEN_MAX = 64 }; /* how deep brackets may be nested on a line */

enum bracket { LINK, NOTE, MACRO, RUBY, PLAIN };

enum style { ITALIC, BOLD, UNDER, SUPER, SUB, TILDES, DASHES, BOX, MATH, STYLES };

/* Where {{{ and its }}} stand in the page. */
struct braces {
    uint32_t open, close; /* 32 bits, because there may be many */
};

struct opened {
    enum bracket kind;
    size_t at;   /* offset in the line */
    size_t bar;  /* offset of the first bar (of a link) or comma (of a ruby); 0: none yet */
    size_t hash; /* offset of the first #; 0: none yet */
};

/*
 * A line is written while it is read. The mark that closes a construct then changes what was
 * written since its opening: bytes to be removed are set to 0 (plain_put() leaves them out), or
 * the line is cut back. So each byte is looked at a fixed number of times, and markup that is
 * never closed is text.
 */
struct namumark {
    struct namumark_cfg cfg;
    struct namumark_counts counts;
    const char *s; /* the page */
    struct buf *to;
    struct braces *braces; /* of the page, sorted by `open` */
    size_t n_braces, cap_braces;
    struct buf line;
    struct opened open[OPEN_MAX];
    size_t n_open;
    size_t style[STYLES]; /* where each style was opened in the line, + 1; 0: it is not open */
    size_t no_row_before; /* no table row that begins before this place has an end */
    unsigned nest;
    bool no_memory;
};

/** Returns the }}} of the {{{ at i if it stands before `end`, else 0. */
size_t namumark_closing(const struct namumark *m, size_t i, size_t end);

/** Work on i..end of the page, which must be whole lines. */
void namumark_blocks(struct namumark *m, size_t i, size_t end);

/** Add i..end of the page to the line. Only in braces it may contain an LF. */
void namumark_inline(struct namumark *m, size_t i, size_t end);

/** End the line: it is complete. */
void namumark_flush(struct namumark *m);

#endif
