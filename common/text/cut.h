/*
 * cut.h: lines of any length in pieces that can be normalised, split and encoded one by one.
 *
 * A line comes in parts (lines.h); they are cut again where what follows stands alone: before a
 * space, an ideograph or punctuation, but for a ] that may end a special token. What lies
 * behind the last such place waits for the next part. A word that grows and grows is kept
 * short: what vanishes is taken out of it, and past WORD_BYTES it is far over the length where
 * it is [UNK], so that the rest of it says nothing more.
 */
#ifndef TEXT_CUT_H
#define TEXT_CUT_H

#include "base/io.h"

enum {
    CUT_PART_BYTES = 64 << 10, /* for struct text_cfg.part */
    CUT_WORD_BYTES = 64 << 10,
};

/** {.lines = l} begins. */
struct cutter {
    struct lines *lines;
    size_t longest;  /* 0: long words are shortened; else they are whole, and a word of so many
                        bytes is an error */
    bool strip;      /* accents vanish too */
    struct buf rest; /* what waits */
    size_t handed;   /* bytes of it that were handed out */
    bool skipping;   /* the rest of a long word */
};

/**
 * The next piece: *text has *len bytes, and lives until the next call; *more: its line goes on.
 * Returns 1, 0 at the end, lines_next()'s errors, RF_ENOMEM, RF_ERANGE (a whole word is too
 * long).
 */
MUST_CHECK int cutter_next(struct cutter *c, const char **text, size_t *len, bool *more,
                           struct errbuf *eb);

void cutter_free(struct cutter *c);

#endif
