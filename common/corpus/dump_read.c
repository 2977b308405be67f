#include "corpus/dump_read.h"

#include <stdlib.h>
#include <string.h>

#include "base/io.h"

enum { BATCH_BYTES = 4 << 20, KEEP_BYTES = 2 * BATCH_BYTES, READ_BYTES = 256 << 10 };

struct dump_reader {
    char *const *names;
    int n, at;        /* number of files, index of the next one to open */
    struct input *in; /* NULL between files */
    bool cirrus;
    uint64_t max_page;
    struct xmldump xml; /* the state of the scanner in the current file */
    struct buf tail;    /* bytes that were read but are in no batch yet */
    uint64_t offset;    /* the offset in the file of the batch's first byte */
    struct dump_reader_stats stats;
    uint64_t size, consumed;
};

int dump_reader_open(struct dump_reader **out, char *const *names, int n, bool cirrus,
                     uint64_t max_page_bytes, struct errbuf *eb)
{
    static char dash[] = "-";
    static char *const standard_input[] = {dash};
    struct dump_reader *r = calloc(1, sizeof *r);
    int rc;

    if (!r)
        return err_nomem(eb);
    r->names = n ? names : standard_input;
    r->n = n ? n : 1;
    r->cirrus = cirrus;
    r->max_page = max_page_bytes;
    if ((rc = inputs_try(r->names, r->n, &r->size, eb)) != RF_OK) {
        dump_reader_close(r);
        return rc;
    }
    *out = r;
    return RF_OK;
}

static const char *file_name(const struct dump_reader *r)
{
    const char *name = r->names[r->at - 1];

    return strcmp(name, "-") == 0 ? "standard input" : name;
}

static int open_next(struct dump_reader *r, struct errbuf *eb)
{
    int rc = input_open(&r->in, r->names[r->at], INPUT_TEXT, eb);

    if (rc != RF_OK)
        return rc;
    r->at++;
    r->xml = (struct xmldump){0};
    r->offset = 0;
    return RF_OK;
}

/* Add a page at the end of the batch. NULL: no memory. */
static struct dump_page *add_page(const struct dump_reader *r, struct dump_batch *b)
{
    if (b->n == b->cap) {
        size_t cap = b->cap ? 2 * b->cap : 256;
        struct dump_page *grown = realloc(b->page, cap * sizeof *grown);

        if (!grown)
            return NULL;
        b->page = grown;
        b->cap = cap;
    }
    b->page[b->n] = (struct dump_page){.base = r->offset, .file = file_name(r)};
    return &b->page[b->n++];
}

static int take_page(struct dump_reader *r, struct dump_batch *b, const struct xmldump_page *x)
{
    struct dump_page *page;

    r->stats.pages++;
    if (x->has_ns && x->ns != NS_ARTICLE) {
        r->stats.other_space++;
    } else if (x->redirect) {
        r->stats.redirects++;
    } else if (x->foreign) {
        r->stats.other_model++;
    } else if (x->text_len == 0) {
        r->stats.empty++;
    } else if (!(page = add_page(r, b))) {
        return RF_ENOMEM;
    } else {
        page->title = (size_t)(x->title - b->bytes.data);
        page->title_len = x->title_len;
        page->text = (size_t)(x->text - b->bytes.data);
        page->text_len = x->text_len;
        page->has_ns = x->has_ns;
    }
    return RF_OK;
}

static int fault(const struct dump_reader *r, int rc, const char *why, uint64_t offset,
                 struct errbuf *eb)
{
    return err_set(eb, rc, "%s in '%s', byte %llu", why, file_name(r),
                   (unsigned long long)offset);
}

static int too_large(const struct dump_reader *r, size_t at, struct errbuf *eb)
{
    return err_set(eb, RF_ERANGE, "a page in '%s', byte %llu, is larger than %llu bytes",
                   file_name(r), (unsigned long long)r->offset + at,
                   (unsigned long long)r->max_page);
}

enum step { STEP_TAKEN, STEP_MORE, STEP_FULL }; /* or an error */

/* Take what stands at *at of the batch: a page or another piece of XML. */
static int take_xml(struct dump_reader *r, struct dump_batch *b, size_t *at, struct errbuf *eb)
{
    struct xmldump_page page;
    const char *why;
    size_t used;

    switch (
        xmldump_next(&r->xml, b->bytes.data + *at, b->bytes.len - *at, &page, &used, &why)) {
    case XMLDUMP_MORE: return STEP_MORE;
    case XMLDUMP_BAD: return fault(r, RF_EFORMAT, why, r->offset + *at + used, eb);
    case XMLDUMP_OTHER: break;
    case XMLDUMP_SITE:
        if (b->n) /* the pages in the batch belong to another wiki */
            return STEP_FULL;
        b->ns = r->xml.ns;
        break;
    case XMLDUMP_PAGE:
        if (used > r->max_page)
            return too_large(r, *at, eb);
        if (take_page(r, b, &page) != RF_OK)
            return err_nomem(eb);
    }
    *at += used;
    return STEP_TAKEN;
}

static int take_line(struct dump_reader *r, struct dump_batch *b, size_t *at, bool at_end,
                     struct errbuf *eb)
{
    const char *line = b->bytes.data + *at;
    size_t left = b->bytes.len - *at, len;
    const char *lf = left ? memchr(line, '\n', left) : NULL;
    struct dump_page *page;

    if (!lf && !(at_end && left))
        return STEP_MORE;
    len = lf ? (size_t)(lf - line) : left;
    if (len > r->max_page)
        return too_large(r, *at, eb);
    if (len) {
        if (!(page = add_page(r, b)))
            return err_nomem(eb);
        page->text = *at;
        page->text_len = len;
    }
    *at += len + (lf != NULL);
    return STEP_TAKEN;
}

/* Read more bytes of the file to the end of the batch. *got = 0 at the end of the file. Even
 * after an error some bytes may have been read. */
static int read_more(struct dump_reader *r, struct dump_batch *b, size_t at, size_t *got,
                     struct errbuf *eb)
{
    size_t rest = b->bytes.len - at, want = rest / 4 > READ_BYTES ? rest / 4 : READ_BYTES;
    int rc;

    *got = 0;
    if (rest > r->max_page)
        return too_large(r, at, eb);
    /* Read in proportion to the bytes that will be scanned again. So the time is linear
     * whatever the size of the page, and few bytes of other pages are held. */
    if (buf_reserve(&b->bytes, want) != RF_OK)
        return err_nomem(eb);
    rc = input_read_full(r->in, b->bytes.data + b->bytes.len, want, got, eb);
    b->bytes.len += *got;
    b->bytes.data[b->bytes.len] = '\0';
    r->stats.bytes += *got;
    return rc;
}

static int end_file(struct dump_reader *r, const struct dump_batch *b, size_t at,
                    struct errbuf *eb)
{
    unsigned long long end = r->offset + b->bytes.len, start = r->offset + at;

    r->consumed += input_consumed(r->in);
    input_close(r->in);
    r->in = NULL;
    if (r->cirrus)
        return RF_OK;
    if (!r->xml.begun && end == start)
        return fault(r, RF_EFORMAT, "not a MediaWiki export", 0, eb);
    if (end > start)
        return err_set(eb, RF_ETRUNC, "'%s' ends at byte %llu, inside of what begins at %llu",
                       file_name(r), end, start);
    if (r->xml.open)
        return err_set(eb, RF_ETRUNC, "'%s' ends at byte %llu, without </mediawiki>",
                       file_name(r), end);
    return RF_OK;
}

/* Fill the batch from one file. *at is where the last piece that was taken ends. */
static int fill_batch(struct dump_reader *r, struct dump_batch *b, size_t *at,
                      struct errbuf *eb)
{
    int failed = RF_OK, rc;
    bool at_end = false;
    size_t got;

    for (;;) {
        rc = r->cirrus ? take_line(r, b, at, at_end, eb) : take_xml(r, b, at, eb);
        if (rc == STEP_TAKEN)
            continue;
        if (rc != STEP_MORE || (*at && b->bytes.len >= BATCH_BYTES && !at_end))
            return rc;
        if (failed != RF_OK || at_end)
            return failed != RF_OK ? failed : end_file(r, b, *at, eb);
        failed = read_more(r, b, *at, &got, eb);
        at_end = failed == RF_OK && got == 0;
    }
}

int dump_reader_next(struct dump_reader *r, struct dump_batch *b, struct errbuf *eb)
{
    struct buf spare = b->bytes;
    size_t at = 0;
    int rc;

    b->n = 0;
    b->bytes = r->tail;
    r->tail = spare;
    if (r->tail.cap > KEEP_BYTES) /* a large page made it large */
        buf_free(&r->tail);
    buf_clear(&r->tail);
    if (!r->in) {
        if (r->at == r->n)
            return 0;
        if ((rc = open_next(r, eb)) != RF_OK)
            return rc;
    }
    b->ns = r->xml.ns;
    if ((rc = fill_batch(r, b, &at, eb)) < 0)
        return rc;
    r->offset += at;
    if (r->in && buf_put(&r->tail, b->bytes.data + at, b->bytes.len - at) != RF_OK)
        return err_nomem(eb);
    return 1;
}

const struct dump_reader_stats *dump_reader_stats(const struct dump_reader *r)
{
    return &r->stats;
}

uint64_t dump_reader_size(const struct dump_reader *r)
{
    return r->size;
}

uint64_t dump_reader_consumed(const struct dump_reader *r)
{
    return r->consumed + (r->in ? input_consumed(r->in) : 0);
}

void dump_reader_close(struct dump_reader *r)
{
    if (!r)
        return;
    input_close(r->in);
    buf_free(&r->tail);
    free(r);
}

void dump_batch_free(struct dump_batch *b)
{
    buf_free(&b->bytes);
    free(b->page);
    *b = (struct dump_batch){0};
}
