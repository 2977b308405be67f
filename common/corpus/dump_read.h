/* dump_read.h: reads batches of pages from the files of a dump. */
#ifndef CORPUS_DUMP_READ_H
#define CORPUS_DUMP_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "corpus/xmldump.h"

/** A page in a batch, as offsets into the batch's bytes. In a Cirrus dump `text` is a
 * line of JSON. */
struct dump_page {
    size_t title, title_len, text, text_len;
    uint64_t base; /* an offset plus `base` is the offset in the file */
    const char *file;
    bool has_ns;
};

struct dump_batch {
    struct buf bytes;
    struct dump_page *page;
    size_t n, cap;
    struct namespaces ns; /* the namespaces of the wiki that all its pages belong to */
};

void dump_batch_free(struct dump_batch *b);

/** What was read and what was left out. */
struct dump_reader_stats {
    uint64_t pages, redirects, other_space, other_model, empty;
    uint64_t bytes; /* after decompression */
};

struct dump_reader;

/** `names` is as for lines_open(): n = 0 is standard input. RF_OK, RF_EIO, RF_ENOMEM. */
MUST_CHECK int dump_reader_open(struct dump_reader **r, char *const *names, int n, bool cirrus,
                                uint64_t max_page_bytes, struct errbuf *eb);

/**
 * Read the next pages into *b in place of the old ones. Returns 1 (perhaps with no page), 0 at
 * the end, or RF_EIO, RF_ETRUNC, RF_EFORMAT, RF_ERANGE, RF_ENOMEM. After an error *b holds the
 * pages that came before it.
 */
MUST_CHECK int dump_reader_next(struct dump_reader *r, struct dump_batch *b, struct errbuf *eb);

const struct dump_reader_stats *dump_reader_stats(const struct dump_reader *r);

/** For progress: the sizes of all files in bytes (0: not known), and how many
 * bytes were read. */
uint64_t dump_reader_size(const struct dump_reader *r);
uint64_t dump_reader_consumed(const struct dump_reader *r);

/** Free; NULL is fine. */
void dump_reader_close(struct dump_reader *r);

#endif
