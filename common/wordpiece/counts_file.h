/* counts_file.h: a file of word counts, rf-counts(5), written and read a word at a time. */
#ifndef WORDPIECE_COUNTS_FILE_H
#define WORDPIECE_COUNTS_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/io.h"
#include "wordpiece/word_merge.h"

/** What the last line of a file says about the words before it. {0} is empty; the hash is made
 * when it is needed. */
struct counts_sum {
    uint64_t words, total;     /* distinct words; the sum of their counts */
    struct XXH3_state_s *hash; /* of all bytes so far */
};

/** A file that is being written. {0} is empty; counts_writer_free() frees. */
struct counts_writer {
    FILE *to; /* borrowed */
    struct counts_sum sum;
    struct buf line;
};

/** Begin a file. `flags`, which are those of normalize(), say how the words were made. The
 * caller finds write errors in `to`. RF_OK or RF_ENOMEM. */
MUST_CHECK int counts_writer_start(struct counts_writer *w, FILE *to, unsigned flags,
                                   struct errbuf *eb);

/** Put words in ascending order of their bytes, each once, then the end. RF_OK, RF_ENOMEM,
 * RF_ERANGE (2^64 words). */
MUST_CHECK int counts_writer_put(struct counts_writer *w, const char *word, size_t len,
                                 uint64_t count, struct errbuf *eb);
MUST_CHECK int counts_writer_end(struct counts_writer *w, struct errbuf *eb);

void counts_writer_free(struct counts_writer *w);

struct counts_cfg {
    unsigned flags; /* how words are made in this run: other files are refused */
    int invalid;    /* an invalid_mode */
    size_t longest; /* a word of this many bytes is refused */
};

/** A file that is read. */
struct counts_file {
    struct word_source source; /* the current word; must be the first member */
    struct counts_cfg cfg;
    struct lines *lines;
    char *name; /* borrowed */
    bool plain; /* the file has neither a first nor a last line, so its words may come in any
                   order and more than once, and nothing can be checked */
    bool waits; /* the first line of a plain file was read but not handed out */
    struct counts_sum sum;
    struct buf last; /* the last word */
};

/**
 * Open a file (NULL: standard input) and read its first line. `*f` must not move while it is
 * open, for f->source.next() gives its words. next() returns RF_EFORMAT (a line is no word and
 * its count, or is out of order), RF_ETRUNC (the last line is missing), RF_ECHECK (the last
 * line does not fit the others), lines_next()'s errors, RF_ENOMEM. Opening it also returns
 * RF_EINVAL: the words were made in another way, or the version is unknown. counts_file_close()
 * must follow in any case.
 */
MUST_CHECK int counts_file_open(struct counts_file *f, char *name, const struct counts_cfg *cfg,
                                struct errbuf *eb);

/** Close and free; {0} is fine. */
void counts_file_close(struct counts_file *f);

#endif
