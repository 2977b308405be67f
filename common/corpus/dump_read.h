/* dump_read.h: batches of pages out of the files of a dump. */
#ifndef CORPUS_DUMP_READ_H
#define CORPUS_DUMP_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "corpus/xmldump.h"

/** A page in a batch: offsets into its bytes. Of a Cirrus dump the text is a line of JSON. */
struct dump_page {
    size_t title, title_len, text, text_len;
    uint64_t base; /* add this to an offset for the byte in the file */
    const char *file;
    bool has_ns;
};

struct dump_batch {
    struct buf bytes;
    struct dump_page *page;
    size_t n, cap;
    struct namespaces ns; /* of the wiki, for all its pages */
};

void dump_batch_free(struct dump_batch *b);

/** What was read and left out. */
struct dump_reader_stats {
    uint64_t pages, redirects, other_space, other_model, empty;
    uint64_t bytes; /* after decompression */
};

struct dump_reader;

/** Names as for lines_open(): n = 0 is standard input. RF_OK, RF_EIO, RF_ENOMEM. */
MUST_CHECK int dump_reader_open(struct dump_reader **r, char *const *names, int n, bool cirrus,
                                uint64_t max_page_bytes, struct errbuf *eb);

/**
 * Read the next pages in place of the old ones. Returns 1 (perhaps without a page), 0 at the
 * end, or RF_EIO, RF_ETRUNC, RF_EFORMAT, RF_ERANGE, RF_ENOMEM, and with these too *b has the
 * pages that came before.
 */
MUST_CHECK int dump_reader_next(struct dump_reader *r, struct dump_batch *b, struct errbuf *eb);

const struct dump_reader_stats *dump_reader_stats(const struct dump_reader *r);

/** File bytes in all (0: not known) and consumed, for progress. */
uint64_t dump_reader_size(const struct dump_reader *r);
uint64_t dump_reader_consumed(const struct dump_reader *r);

/** Free; NULL is fine. */
void dump_reader_close(struct dump_reader *r);

#endif
