#include "corpus/dump.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/par.h"
#include "base/utf8.h"
#include "corpus/cirrus.h"
#include "corpus/dump_read.h"

enum { CHUNK_BYTES = 128 << 10, KEEP_BYTES = 1 << 20 };

/* Some pages of a batch, which one thread converts. */
struct chunk {
    size_t first, n;
    struct buf out; /* the plain text of its pages */
    struct wikitext_removed removed;
    uint64_t written, redirects, other_space, cirrus_pages, empty, replaced;
    int rc;
    struct errbuf why;
};

/* The buffers that a thread needs to convert a chunk. */
struct scratch {
    struct wikitext_work *work;
    struct buf fixed, title, text;
    struct cirrus_page page;
};

struct pipeline {
    const struct dump_cfg *cfg;
    struct wikitext *rules;
    struct dump_reader *reader;
    struct dump_batch now, next;
    struct chunk *chunk;
    size_t n_chunks, cap_chunks;
    int read_rc; /* the result of reading the batch `next` */
    struct errbuf read_why;
};

/* Replace the bytes of *s that are not UTF-8, or say where they are. */
static int check(const struct pipeline *p, struct chunk *c, struct scratch *x,
                 const struct dump_page *page, const char **s, size_t *n)
{
    size_t bad = utf8_check(*s, *n);

    if (bad == *n)
        return RF_OK;
    if (p->cfg->invalid == INVALID_REFUSE)
        return err_set(
            &c->why, RF_EFORMAT, "not UTF-8 in '%s', byte %llu", page->file,
            (unsigned long long)(page->base + (uint64_t)(*s - p->now.bytes.data) + bad));
    buf_clear(&x->fixed);
    if (utf8_repair(&x->fixed, *s, *n, &c->replaced) != RF_OK)
        return err_nomem(&c->why);
    if (x->fixed.len > p->cfg->max_page_bytes)
        return err_set(
            &c->why, RF_ERANGE,
            "a page in '%s', byte %llu, is larger than %llu bytes with its bad bytes "
            "replaced",
            page->file, (unsigned long long)page->base + page->text,
            (unsigned long long)p->cfg->max_page_bytes);
    *s = x->fixed.data;
    *n = x->fixed.len;
    return RF_OK;
}

/* Write the text of an XML element to `to`, with its escapes decoded. */
static int decode(const struct pipeline *p, struct chunk *c, struct scratch *x,
                  const struct dump_page *page, struct buf *to, size_t start, size_t n)
{
    const char *s = p->now.bytes.data + start;
    int rc = check(p, c, x, page, &s, &n);

    buf_clear(to);
    if (rc == RF_OK && xmldump_decode(to, s, n, &c->replaced) != RF_OK)
        rc = err_nomem(&c->why);
    if (x->fixed.cap > KEEP_BYTES)
        buf_free(&x->fixed);
    return rc;
}

/* Append s[n] and an LF, with each run of white space as one space. An empty line
 * is left out. */
static int put_squeezed_line(struct buf *to, const char *s, size_t n)
{
    size_t start;

    if (buf_reserve(to, n + 1) != RF_OK)
        return RF_ENOMEM;
    start = to->len;
    for (size_t i = 0; i < n; i++) {
        bool blank = s[i] == ' ' || s[i] == '\n' || s[i] == '\t';

        if (!blank)
            to->data[to->len++] = s[i];
        else if (to->len > start && to->data[to->len - 1] != ' ')
            to->data[to->len++] = ' ';
    }
    if (to->len > start && to->data[to->len - 1] == ' ')
        to->len--;
    if (to->len > start)
        to->data[to->len++] = '\n';
    to->data[to->len] = '\0';
    return RF_OK;
}

/* End the page whose title is in c->out from `start` on and whose lines are there
 * from `text` on. */
static int end_page(struct chunk *c, size_t start, size_t text)
{
    if (c->out.len == text) {
        c->empty++;
        c->out.len = start;
        return RF_OK;
    }
    c->written++;
    return buf_put(&c->out, "\n", 1) == RF_OK ? RF_OK : err_nomem(&c->why);
}

static bool is_other_space(const struct pipeline *p, const struct dump_page *page,
                           const struct buf *title)
{
    const struct namespaces *ns = &p->now.ns;
    const char *colon = page->has_ns ? NULL : strchr(title->data, ':');
    size_t n = colon ? (size_t)(colon - title->data) : 0;

    return colon && (namespaces_find(ns, title->data, n) ||
                     (ns->n == 0 && namespaces_guess(title->data, n)));
}

static int convert_xml(const struct pipeline *p, struct chunk *c, struct scratch *x,
                       const struct dump_page *page)
{
    size_t start = c->out.len, text;
    int rc;

    if ((rc = decode(p, c, x, page, &x->title, page->title, page->title_len)) != RF_OK ||
        (rc = decode(p, c, x, page, &x->text, page->text, page->text_len)) != RF_OK)
        return rc;
    if (is_other_space(p, page, &x->title)) {
        c->other_space++;
        return RF_OK;
    }
    if (wikitext_is_redirect(x->text.data, x->text.len)) {
        c->redirects++;
        return RF_OK;
    }
    if (put_squeezed_line(&c->out, x->title.data, x->title.len) != RF_OK)
        return err_nomem(&c->why);
    if ((text = c->out.len) == start)
        return err_set(&c->why, RF_EFORMAT, "a page without a title in '%s', byte %llu",
                       page->file, (unsigned long long)page->base + page->title);
    if (wikitext_convert(p->rules, x->work, &p->now.ns, x->title.data, x->text.data,
                         x->text.len, &c->out, &c->removed) != RF_OK)
        return err_nomem(&c->why);
    return end_page(c, start, text);
}

static int convert_cirrus(const struct pipeline *p, struct chunk *c, struct scratch *x,
                          const struct dump_page *page)
{
    size_t start = c->out.len, text, n = page->text_len, len;
    const char *s = p->now.bytes.data + page->text;
    int rc = check(p, c, x, page, &s, &n);

    if (rc == RF_OK)
        rc = cirrus_read(&x->page, s, n, page->file, page->base + page->text, &c->why);
    if (rc != RF_OK || !x->page.is_page)
        return rc;
    c->cirrus_pages++;
    if (x->page.other_space) {
        c->other_space++;
        return RF_OK;
    }
    rc = put_squeezed_line(&c->out, x->page.title.data, x->page.title.len);
    text = c->out.len;
    for (s = x->page.text.data; rc == RF_OK && *s; s += len + (s[len] == '\n')) {
        len = strcspn(s, "\n");
        rc = put_squeezed_line(&c->out, s, len);
    }
    return rc == RF_OK ? end_page(c, start, text) : err_nomem(&c->why);
}

static void convert(const struct pipeline *p, struct chunk *c)
{
    struct scratch x = {.work = wikitext_work_new()};

    c->rc = x.work ? RF_OK : err_nomem(&c->why);
    for (size_t i = c->first; c->rc == RF_OK && i < c->first + c->n; i++) {
        size_t before = c->out.len;

        c->rc = (p->cfg->cirrus ? convert_cirrus : convert_xml)(p, c, &x, &p->now.page[i]);
        if (c->rc != RF_OK)
            c->out.len = before; /* c->out must hold only whole pages */
    }
    wikitext_work_free(x.work);
    buf_free(&x.fixed);
    buf_free(&x.title);
    buf_free(&x.text);
    cirrus_page_free(&x.page);
}

/* Item 0 reads the next batch; the others convert the chunks of the current batch. */
static void work(void *ctx, size_t i)
{
    struct pipeline *p = ctx;

    if (i)
        convert(p, &p->chunk[i - 1]);
    else if (p->read_rc == 1)
        p->read_rc = dump_reader_next(p->reader, &p->next, &p->read_why);
}

static struct chunk *add_chunk(struct pipeline *p, size_t first)
{
    struct chunk *c;

    if (p->n_chunks == p->cap_chunks) {
        size_t cap = p->cap_chunks ? 2 * p->cap_chunks : 32;
        struct chunk *grown = realloc(p->chunk, cap * sizeof *grown);

        if (!grown)
            return NULL;
        memset(grown + p->cap_chunks, 0, (cap - p->cap_chunks) * sizeof *grown);
        p->chunk = grown;
        p->cap_chunks = cap;
    }
    c = &p->chunk[p->n_chunks++];
    *c = (struct chunk){.first = first, .out = c->out, .removed.names = c->removed.names};
    buf_clear(&c->out);
    buf_clear(&c->removed.names);
    return c;
}

static int make_chunks(struct pipeline *p, bool want_names)
{
    struct chunk *c = NULL;
    size_t bytes = 0;

    p->n_chunks = 0;
    for (size_t i = 0; i < p->now.n; i++) {
        if (!c || bytes >= CHUNK_BYTES) {
            if (!(c = add_chunk(p, i)))
                return RF_ENOMEM;
            c->removed.want_names = want_names;
            bytes = 0;
        }
        c->n++;
        bytes += p->now.page[i].text_len;
    }
    return RF_OK;
}

static int add_names(struct tally *to, const struct buf *names)
{
    for (const char *s = names->data, *end = s + names->len; s < end; s += strlen(s) + 1)
        if (tally_add(to, wikitext_kind_names[*s - 1], s + 1, 1) != RF_OK)
            return RF_ENOMEM;
    return RF_OK;
}

static int count_chunk(struct dump_stats *st, const struct chunk *c)
{
    st->pages += c->cirrus_pages;
    st->written += c->written;
    st->redirects += c->redirects;
    st->other_space += c->other_space;
    st->empty += c->empty;
    st->replaced += c->replaced;
    st->bytes_out += c->out.len;
    for (int i = 0; i < WIKITEXT_KINDS; i++)
        st->removed[i] += c->removed.count[i];
    return st->names && c->removed.names.len ? add_names(st->names, &c->removed.names) : RF_OK;
}

static int write_lines(struct text_out *out, const struct buf *text, struct errbuf *eb)
{
    for (const char *s = text->data, *end = s + text->len; s < end;) {
        size_t len = strcspn(s, "\n");
        int rc = text_out_line(out, s, len, eb);

        if (rc != RF_OK)
            return rc;
        s += len + 1;
    }
    return RF_OK;
}

/* Write the chunks in order, up to the first one that failed. */
static int write_chunks(struct pipeline *p, FILE *file, struct text_out *out,
                        struct dump_stats *st, struct errbuf *eb)
{
    int rc = RF_OK;

    for (size_t i = 0; i < p->n_chunks && rc == RF_OK; i++) {
        struct chunk *c = &p->chunk[i];

        if (count_chunk(st, c) != RF_OK)
            return err_nomem(eb);
        if (p->cfg->jsonl)
            rc = c->out.len ? write_lines(out, &c->out, eb) : RF_OK;
        else if (c->out.len && fwrite(c->out.data, 1, c->out.len, file) != c->out.len)
            rc = err_set(eb, RF_EIO, "cannot write: %s", strerror(errno));
        if (rc == RF_OK && (rc = c->rc) != RF_OK)
            *eb = c->why;
        if (c->out.cap > KEEP_BYTES)
            buf_free(&c->out);
    }
    return rc;
}

static int run(struct pipeline *p, FILE *file, struct text_out *out, struct progress *show,
               struct dump_stats *st, struct errbuf *eb)
{
    int threads = par_threads(p->cfg->threads), rc = RF_OK;

    p->read_rc = dump_reader_next(p->reader, &p->next, &p->read_why);
    if (show)
        progress_start(show, show->label, "B", 0, dump_reader_size(p->reader), show->on);
    while (rc == RF_OK && (p->read_rc == 1 || p->next.n)) {
        struct dump_batch batch = p->now;
        bool last = p->read_rc != 1;

        p->now = p->next;
        p->next = batch;
        p->next.n = 0;
        if (make_chunks(p, st->names != NULL) != RF_OK)
            return err_nomem(eb);
        par_for(threads, 1 + p->n_chunks, work, p);
        rc = write_chunks(p, file, out, st, eb);
        if (show)
            progress_show(show, dump_reader_consumed(p->reader), NULL);
        if (last)
            break;
    }
    if (rc == RF_OK && p->read_rc < 0) {
        *eb = p->read_why;
        rc = p->read_rc;
    }
    return rc;
}

static void add_reader_stats(struct dump_stats *st, const struct dump_reader_stats *from)
{
    st->pages += from->pages;
    st->redirects += from->redirects;
    st->other_space += from->other_space;
    st->other_model += from->other_model;
    st->empty += from->empty;
    st->bytes_in += from->bytes;
}

int dump_to_text(const struct dump_cfg *cfg, char *const *names, int n, FILE *file,
                 struct progress *show, struct dump_stats *st, struct errbuf *eb)
{
    struct pipeline p = {.cfg = cfg};
    struct text_out *out = NULL;
    struct errbuf unused;
    int rc = wikitext_new(&p.rules, &cfg->wikitext, eb);

    if (!eb)
        eb = &unused;
    if (rc == RF_OK)
        rc = dump_reader_open(&p.reader, names, n, cfg->cirrus, cfg->max_page_bytes, eb);
    if (rc == RF_OK)
        rc = text_out_open(&out, file, cfg->jsonl, eb);
    if (rc == RF_OK) {
        rc = run(&p, file, out, show, st, eb);
        add_reader_stats(st, dump_reader_stats(p.reader));
    }
    rc = text_out_end(out, rc, eb);
    wikitext_free(p.rules);
    dump_reader_close(p.reader);
    dump_batch_free(&p.now);
    dump_batch_free(&p.next);
    for (size_t i = 0; i < p.cap_chunks; i++) {
        buf_free(&p.chunk[i].out);
        buf_free(&p.chunk[i].removed.names);
    }
    free(p.chunk);
    return rc;
}

/* Add those counts that wt_count() did not collect by name. */
static int add_counts(struct tally *t, const struct dump_stats *st)
{
    const struct {
        const char *name;
        uint64_t n;
    } pages[] = {{"read", st->pages},
                 {"written", st->written},
                 {"redirect", st->redirects},
                 {"other namespace", st->other_space},
                 {"not wikitext", st->other_model},
                 {"no text", st->empty}};

    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        if (tally_add(t, "page", pages[i].name, pages[i].n) != RF_OK)
            return RF_ENOMEM;
    for (int i = 0; i < WIKITEXT_KINDS; i++)
        if (i != WIKITEXT_TEMPLATE && i != WIKITEXT_VALUE && i != WIKITEXT_KEPT &&
            i != WIKITEXT_TAG &&
            tally_add(t, wikitext_kind_names[i], "", st->removed[i]) != RF_OK)
            return RF_ENOMEM;
    return RF_OK;
}

int dump_report(const struct dump_stats *st, FILE *to)
{
    return add_counts(st->names, st) == RF_OK ? tally_write(st->names, to) : RF_ENOMEM;
}
