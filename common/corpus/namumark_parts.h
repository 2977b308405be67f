/*
 * namumark_parts.h: what the two halves of namumark share: blocks (namumark.c) and what stands
 * inside a line (namumark_line.c). Not for anyone else.
 */
#ifndef CORPUS_NAMUMARK_PARTS_H
#define CORPUS_NAMUMARK_PARTS_H

#include "corpus/namumark.h"

enum { OPEN_MAX = 64 }; /* brackets inside each other on a line */

enum bracket { LINK, NOTE, MACRO, RUBY, PLAIN };

enum style { ITALIC, BOLD, UNDER, SUPER, SUB, TILDES, DASHES, BOX, MATH, STYLES };

/* {{{ and its }}}: offsets in the page */
struct braces {
    uint32_t open, close; /* there may be many */
};

struct opened {
    enum bracket kind;
    size_t at;   /* offset in the line */
    size_t bar;  /* offset of the first bar (a link), comma (a ruby); 0: none yet */
    size_t hash; /* of the first #, 0: none yet */
};

/*
 * A line is written as it is read. What closes a construct then works on what was written since
 * its opening: bytes that go are set to 0 (plain_put() leaves them out), or the line is cut
 * back. So each byte is looked at a fixed number of times, and what is never closed is text.
 */
struct namumark {
    struct namumark_cfg cfg;
    struct namumark_counts counts;
    const char *s; /* the page */
    struct buf *to;
    struct braces *braces; /* of the page, by rising `open` */
    size_t n_braces, cap_braces;
    struct buf line;
    struct opened open[OPEN_MAX];
    size_t n_open;
    size_t style[STYLES]; /* where it was opened in the line, + 1; 0: it is not */
    size_t no_row_before; /* no table row that begins before here has an end */
    unsigned nest;
    bool no_memory;
};

/** The }}} of the {{{ at i, if it stands before `end`; else 0. */
size_t namumark_closing(const struct namumark *m, size_t i, size_t end);

/** Work on i..end of the page: whole lines. */
void namumark_blocks(struct namumark *m, size_t i, size_t end);

/** Add i..end of the page to the line. Only in braces it may have an LF. */
void namumark_inline(struct namumark *m, size_t i, size_t end);

/** The line is whole. */
void namumark_flush(struct namumark *m);

#endif
