/*
 * cut.h: lines of any length, in pieces that can be normalised, split and encoded one by one.
 *
 * A line comes in parts (io.h). The cutter cuts them again where the text that follows can
 * stand alone: before a space, an ideograph or punctuation, except a ] that may end a special
 * token. The text behind the last such place waits for the next part. A word that never ends is
 * kept short: characters that vanish are removed from it. Past CUT_WORD_BYTES it is much too
 * long to be anything but [UNK], so the rest of it is skipped.
 */
#ifndef TEXT_CUT_H
#define TEXT_CUT_H

#include "base/io.h"

enum {
    CUT_PART_BYTES = 64 << 10, /* for struct text_cfg.part */
    CUT_WORD_BYTES = 64 << 10,
};

/** {.lines = l} is the state at the start. */
struct cutter {
    struct lines *lines;
    size_t longest;  /* 0: long words are shortened. Else words stay whole, and a word of this
                        many bytes is an error */
    bool strip;      /* accents vanish too */
    struct buf rest; /* the text that waits */
    size_t handed;   /* how many bytes of `rest` were handed out */
    bool skipping;   /* inside the rest of a long word, which is skipped */
};

/**
 * Give the next piece: *text has *len bytes and lives until the next call; *more says that its
 * line goes on. Returns 1, 0 at the end, lines_next()'s errors, RF_ENOMEM, or RF_ERANGE (a word
 * that must stay whole is too long).
 */
MUST_CHECK int cutter_next(struct cutter *c, const char **text, size_t *len, bool *more,
                           struct errbuf *eb);

void cutter_free(struct cutter *c);

#endif
