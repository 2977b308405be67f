/* namu.h: converts dumps of Namuwiki, which are JSON arrays of pages, to plain text. */
#ifndef CORPUS_NAMU_H
#define CORPUS_NAMU_H

#include <stdint.h>

#include "base/io.h"
#include "base/progress.h"
#include "corpus/namumark.h"

struct namu_cfg {
    struct namumark_cfg mark;
    int invalid; /* an invalid_mode */
};

struct namu_counts {
    uint64_t pages;                     /* pages read; of these: */
    uint64_t redirects, others, empty;  /* of another namespace; without text */
    uint64_t nul, surrogates, replaced; /* removed U+0000; U+FFFD put in for lone surrogates,
                                           and for bytes that are not UTF-8 */
    uint64_t bytes, consumed;           /* of JSON; of files as they lie */
    struct namumark_counts mark;
};

/**
 * Read dumps one after the other (n = 0: standard input). Write each page of the main namespace
 * that has text: its title, each paragraph as a line, an empty line.
 *
 * A dump is an array of objects, or objects in a row. Of a page only `title`, `text` and
 * `namespace` are read: 0, "0", "", null or no namespace is the main one. A title or text may
 * have JSON_MAX_BYTES. `progress` (may be NULL) shows counts->consumed.
 *
 * RF_OK, RF_EFORMAT (bad JSON, or something that is not a page: the message names file and
 * byte), or the errors of json_next() and text_out_line(). *counts is added to, also
 * before an error.
 */
MUST_CHECK int namu_text(struct text_out *out, char *const *names, int n,
                         const struct namu_cfg *cfg, struct namu_counts *counts,
                         struct progress *progress, struct errbuf *eb);

#endif
