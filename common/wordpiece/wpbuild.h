/* wpbuild.h: makes a vocabulary from files of text, and the files about it, in
 * bounded memory. */
#ifndef WORDPIECE_WPBUILD_H
#define WORDPIECE_WPBUILD_H

#include "base/io.h"
#include "wordpiece/wordpiece.h"
#include "wordpiece/wptrain.h"

struct wpbuild_cfg {
    struct wptrain_cfg train;
    struct wordpiece_cfg normal; /* how text is split into words */
    struct text_cfg text;        /* how the files are read; `part` is ignored */
    bool counts;                 /* the files hold word counts, not text */
    const char *vocab;           /* a vocabulary whose tokens come first; NULL: none */
    const char *output;          /* the file for the vocabulary; NULL or "-": standard output */
    const char *counts_out; /* write word counts to this file, and nothing else; NULL: do not */
    const char *hf; /* a folder for the vocabulary and the files of tokenizer_json.h, which is
                       made if it is not there; NULL: none. If `output` is NULL, the vocabulary
                       is written nowhere else */
    const char *tokenizer_json, *report; /* further files; NULL: not wanted */
    uint64_t memory;  /* bytes for everything; words beyond that lie in files */
    uint64_t threads; /* 0: one for each core */
};

/** What was read and made. */
struct wpbuild_totals {
    uint64_t bytes, words; /* of the text */
    struct wptrain_alphabet alphabet;
    size_t tokens; /* of the vocabulary; 0: none was made */
};

/**
 * Count the words of n files (0: standard input), train, and write all files that were asked
 * for, or none. `p` must have `on` set as wanted; it shows one pass after the other. *t is set
 * as far as the work came. RF_OK; RF_EUSAGE: too little memory for so many tokens; RF_EFORMAT:
 * there is no word in the text, or a line of `vocab` is no token; or the errors of
 * vocab_read(), lines_open(), word_counts_lines(), wptrain_special() to wptrain_merge(),
 * output_open().
 */
MUST_CHECK int wpbuild(const struct wpbuild_cfg *cfg, char *const *names, int n,
                       struct wpbuild_totals *t, struct progress *p, struct errbuf *eb);

#endif
