/* filter.c: leaves documents and lines out of a text. */
#include "text/filter.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "base/utf8.h"
#include "base/words.h"
#include "text/document.h"
#include "text/minhash.h"
#include "text/unicode.h"

const char *const overlap_names[] = {"document", "line", NULL};
static const char *const fate_names[FATES] = {"written",    "duplicate", "near-duplicate",
                                              "overlap",    "too-short", "too-long",
                                              "few-hangul", "few-latin", "empty"};

struct line {
    size_t text, text_len; /* its bytes, in the document's `text` */
    size_t cps, n_cps;     /* its code points, in the document's `cps` */
    uint64_t hash;         /* the hash of its code points */
    enum fate fate;
};

/* A document: its lines, and the code points of all lines but the title, without
 * white space. */
struct document {
    struct buf text;
    struct line *lines;
    size_t n, cap;
    size_t titles; /* 1: lines[0] is its title; 0: it has none */
    uint32_t *cps;
    size_t n_cps, cap_cps;
    uint64_t blanks_before; /* blank lines that say that it has no title */
    uint64_t blanks_behind;
    bool untitled; /* an empty line at the start of a text in JSON lines says so */
};

struct filter {
    struct filter_cfg cfg;
    struct budget budget;
    struct hashset documents, lines, here; /* here: the lines of the current document */
    struct hashset windows, short_lines;   /* of the text that filter_not_in() took */
    struct near_index *near;
    struct document doc;
};

int filter_new(struct filter **out, const struct filter_cfg *cfg, struct errbuf *eb)
{
    struct filter *f = calloc(1, sizeof *f);

    if (!f)
        return err_nomem(eb);
    f->cfg = *cfg;
    f->cfg.titles &= !cfg->lines;
    f->budget.limit = cfg->memory;
    if (cfg->near > 0 && near_new(&f->near, cfg->near, &f->budget) != RF_OK) {
        filter_free(f);
        return err_nomem(eb);
    }
    *out = f;
    return RF_OK;
}

void filter_free(struct filter *f)
{
    if (!f)
        return;
    hashset_free(&f->documents);
    hashset_free(&f->lines);
    hashset_free(&f->here);
    hashset_free(&f->windows);
    hashset_free(&f->short_lines);
    near_free(f->near);
    buf_free(&f->doc.text);
    free(f->doc.lines);
    free(f->doc.cps);
    free(f);
}

/* --- a document */

static void clear_document(struct document *d)
{
    buf_clear(&d->text);
    d->n = d->n_cps = d->titles = 0;
    d->blanks_before = d->blanks_behind = 0;
    d->untitled = false;
}

/* Make room for one more line of `len` bytes. */
static int reserve_line(struct document *d, size_t len)
{
    if (d->n == d->cap) {
        size_t cap = d->cap ? 2 * d->cap : 64;
        struct line *lines = realloc(d->lines, cap * sizeof *lines);

        if (!lines)
            return RF_ENOMEM;
        d->lines = lines;
        d->cap = cap;
    }
    if (d->n_cps + len > d->cap_cps) {
        size_t cap = 2 * d->cap_cps > d->n_cps + len ? 2 * d->cap_cps : d->n_cps + len;
        uint32_t *cps = realloc(d->cps, cap * sizeof *cps);

        if (!cps)
            return RF_ENOMEM;
        d->cps = cps;
        d->cap_cps = cap;
    }
    return RF_OK;
}

static int append_line(struct document *d, const struct document_line *from,
                       const struct lines *in, struct errbuf *eb)
{
    struct line l = {.text = d->text.len, .text_len = from->len, .cps = d->n_cps};

    if (d->text.len + from->len > LINE_MAX_BYTES)
        return err_set(
            eb, RF_ERANGE, "document of over %d MiB in '%s', line %llu: no blank lines?",
            LINE_MAX_BYTES >> 20, lines_name(in), (unsigned long long)lines_number(in));
    if (reserve_line(d, from->len) != RF_OK ||
        buf_put(&d->text, from->text, from->len) != RF_OK)
        return err_nomem(eb);
    d->titles += from->kind == LINE_TITLE;
    d->untitled |= from->untitled;
    for (size_t i = 0; i < from->len && from->kind == LINE_TEXT;) {
        i += utf8_next(&d->cps[d->n_cps], from->text + i);
        d->n_cps += !uni_is_white_space(d->cps[d->n_cps]);
    }
    l.n_cps = d->n_cps - l.cps;
    l.hash = XXH3_64bits(d->cps ? d->cps + l.cps : NULL, l.n_cps * sizeof *d->cps);
    d->lines[d->n++] = l;
    return RF_OK;
}

/* --- overlap with another text */

/* True if a line has no whole window but must be compared whole. It must have at least half the
 * characters of a window: a shorter one could be equal by chance. */
static bool is_short_line(const struct filter *f, const struct line *l)
{
    return l->n_cps < f->cfg.window && l->n_cps >= (f->cfg.window + 1) / 2;
}

static bool learn(struct filter *f)
{
    const struct document *d = &f->doc;
    struct roll r = roll_start(f->cfg.window);

    for (size_t i = 0; i < d->n_cps; i++) {
        uint64_t hash = roll_on(&r, d->cps, i);

        if (i + 1 >= f->cfg.window && !hashset_add(&f->windows, hash, &f->budget))
            return false;
    }
    for (size_t i = 0; i < d->n; i++)
        if (is_short_line(f, &d->lines[i]) &&
            !hashset_add(&f->short_lines, d->lines[i].hash, &f->budget))
            return false;
    return true;
}

/* True if a window of cps[from..to) is in the text of filter_not_in(). */
static bool shares_window(const struct filter *f, size_t from, size_t to)
{
    struct roll r = roll_start(f->cfg.window);
    const uint32_t *cps = f->doc.cps + from;

    for (size_t i = 0; i < to - from; i++) {
        uint64_t hash = roll_on(&r, cps, i);

        if (i + 1 >= f->cfg.window && hashset_has(&f->windows, hash))
            return true;
    }
    return false;
}

static bool is_known_line(const struct filter *f, const struct line *l)
{
    return is_short_line(f, l) && hashset_has(&f->short_lines, l->hash);
}

static bool overlaps(const struct filter *f)
{
    if (f->windows.n && shares_window(f, 0, f->doc.n_cps))
        return true;
    for (size_t i = 0; f->short_lines.n && i < f->doc.n; i++)
        if (f->doc.lines[i].fate == FATE_WRITTEN && is_known_line(f, &f->doc.lines[i]))
            return true;
    return false;
}

/* --- judging */

static enum fate judge_line(struct filter *f, const struct line *l)
{
    struct budget any = {.limit = UINT64_MAX};

    if (l->n_cps < f->cfg.min_line)
        return FATE_SHORT;
    if (f->cfg.max_line && l->n_cps > f->cfg.max_line)
        return FATE_LONG;
    if (f->cfg.overlap == OVERLAP_LINE &&
        ((f->windows.n && shares_window(f, l->cps, l->cps + l->n_cps)) || is_known_line(f, l)))
        return FATE_OVERLAP;
    if (f->cfg.dup_lines) {
        if (hashset_has(&f->lines, l->hash) || hashset_has(&f->here, l->hash))
            return FATE_DUPLICATE;
        (void)hashset_add(&f->here, l->hash, &any); /* on failure a repeated line may stay */
    }
    return FATE_WRITTEN;
}

/* Judge each line but the title, and close the gaps that lines left out make in the code
 * points. False if none is left. */
static bool judge_lines(struct filter *f)
{
    struct document *d = &f->doc;
    size_t n_cps = 0, left = 0;

    /* A long document made the set large; clearing it for each document would take long. */
    if (f->here.size > 1 << 16)
        hashset_free(&f->here);
    hashset_clear(&f->here);
    for (size_t i = d->titles; i < d->n; i++) {
        struct line *l = &d->lines[i];

        l->fate = judge_line(f, l);
        if (l->fate != FATE_WRITTEN)
            continue;
        memmove(d->cps + n_cps, d->cps + l->cps, l->n_cps * sizeof *d->cps);
        n_cps += l->n_cps;
        left++;
    }
    d->n_cps = n_cps;
    return left > 0;
}

static bool is_hangul(uint32_t cp)
{
    return (cp >= 0xAC00 && cp <= 0xD7A3) || (cp >= 0x1100 && cp <= 0x11FF) ||
           (cp >= 0x3131 && cp <= 0x318E);
}

static bool is_latin(uint32_t cp)
{
    return ((cp | 32) >= 'a' && (cp | 32) <= 'z') ||
           (cp >= 0xC0 && cp <= 0x24F && cp != 0xD7 && cp != 0xF7);
}

static double share(const struct document *d, bool (*is)(uint32_t))
{
    size_t n = 0;

    for (size_t i = 0; i < d->n_cps; i++)
        n += is(d->cps[i]);
    return d->n_cps ? (double)n / (double)d->n_cps : 0;
}

/* What becomes of the document. *s is what later ones must know of it. The cheapest tests come
 * first. */
static enum fate judge(struct filter *f, struct signature *s)
{
    const struct filter_cfg *cfg = &f->cfg;
    struct document *d = &f->doc;

    *s = (struct signature){.hash = XXH3_64bits(d->cps, d->n_cps * sizeof *d->cps)};
    if (cfg->dup_docs && d->n_cps && hashset_has(&f->documents, s->hash))
        return FATE_DUPLICATE;
    if (!judge_lines(f))
        return FATE_EMPTY;
    if (d->n_cps < cfg->min_doc)
        return FATE_SHORT;
    if (cfg->max_doc && d->n_cps > cfg->max_doc)
        return FATE_LONG;
    if (cfg->min_hangul > 0 && share(d, is_hangul) < cfg->min_hangul)
        return FATE_HANGUL;
    if (cfg->min_latin > 0 && share(d, is_latin) < cfg->min_latin)
        return FATE_LATIN;
    if (cfg->overlap == OVERLAP_DOCUMENT && overlaps(f))
        return FATE_OVERLAP;
    s->has_hash = d->n_cps > 0;
    s->has_minhash = f->near && minhash_of(&s->m, d->cps, d->n_cps, cfg->shingle);
    return s->has_minhash && near_has(f->near, &s->m) ? FATE_NEAR : FATE_WRITTEN;
}

/* Remember a document; this is called only if it is written. False if memory is full. */
static bool remember(struct filter *f, const struct signature *s)
{
    bool kept =
        !f->cfg.dup_docs || !s->has_hash || hashset_add(&f->documents, s->hash, &f->budget);

    return (!s->has_minhash || near_add(f->near, &s->m)) && kept;
}

static void remember_lines(struct filter *f, struct filter_totals *t)
{
    const struct document *d = &f->doc;

    for (size_t i = d->titles; f->cfg.dup_lines && i < d->n; i++)
        if (d->lines[i].fate == FATE_WRITTEN)
            t->forgotten_lines += !hashset_add(&f->lines, d->lines[i].hash, &f->budget);
}

/* --- parts of a text */

uint64_t filter_settings(const struct filter_cfg *c)
{
    char text[512];
    int n = snprintf(text, sizeof text,
                     "titles %d lines %d dup-docs %d near %.17g shingle %llu line %llu %llu "
                     "doc %llu %llu hangul %.17g latin %.17g window %llu overlap %d",
                     c->titles, c->lines, c->dup_docs, c->near, (unsigned long long)c->shingle,
                     (unsigned long long)c->min_line, (unsigned long long)c->max_line,
                     (unsigned long long)c->min_doc, (unsigned long long)c->max_doc,
                     c->min_hangul, c->min_latin, (unsigned long long)c->window, c->overlap);

    return XXH3_64bits(text, (size_t)n);
}

int filter_after(struct filter *f, struct signature_reader *earlier, struct errbuf *eb)
{
    struct signature s;
    int rc;

    while ((rc = signatures_next(earlier, &s, eb)) > 0) {
        if (f->cfg.dup_docs && s.has_hash && hashset_has(&f->documents, s.hash))
            continue;
        if (!(s.has_minhash && f->near && near_has(f->near, &s.m)))
            (void)remember(f, &s);
    }
    return rc;
}

/* --- a whole text */

struct source {
    struct document_lines in;
    struct document_line line; /* a line that was read but not yet taken, if `waits` */
    bool waits;
    uint64_t blanks; /* those before it that belong to its document */
};

static struct source start(const struct filter *f, struct lines *in)
{
    return (struct source){.in = {.lines = in, .titles = f->cfg.titles}};
}

/* Take a blank line. True if the document ends here, while lines_before() still has its JSON
 * line. Of plain text a document has one blank line behind it; more of them belong to the next
 * document, unless there is none. */
static bool take_blank(struct document *d, const struct lines *in)
{
    size_t n;

    if (d->n || lines_before(in, &n))
        d->blanks_behind++;
    else
        d->blanks_before++;
    return lines_before(in, &n);
}

/* Read a document and the blank lines around it. Returns 1, 0 at the end, or an error. */
static int read_document(struct filter *f, struct source *s, struct errbuf *eb)
{
    struct document *d = &f->doc;
    int rc;

    clear_document(d);
    d->blanks_before = s->blanks;
    s->blanks = 0;
    for (;; s->waits = false) {
        if (!s->waits && (rc = document_lines_next(&s->in, &s->line, eb)) <= 0)
            return rc < 0 ? rc : d->n || d->blanks_before;
        s->waits = true;
        if (s->line.kind == LINE_BLANK) {
            if (!take_blank(d, s->in.lines))
                continue;
            s->waits = false;
            return 1;
        }
        if (d->blanks_behind) {
            s->blanks = d->blanks_behind - 1;
            d->blanks_behind = 1;
            return 1;
        }
        if (f->cfg.lines && d->n)
            return 1;
        if ((rc = append_line(d, &s->line, s->in.lines, eb)) != RF_OK)
            return rc;
    }
}

int filter_not_in(struct filter *f, struct lines *text, struct errbuf *eb)
{
    struct source s = start(f, text);
    int rc;

    while ((rc = read_document(f, &s, eb)) > 0) {
        if (!learn(f)) {
            rc = err_set(eb, RF_ENOMEM, "'%s' does not fit into %llu bytes of memory",
                         lines_name(text), (unsigned long long)f->cfg.memory);
            break;
        }
    }
    document_lines_free(&s.in);
    return rc;
}

static int write_document(const struct filter *f, enum fate fate, struct text_out *out,
                          struct errbuf *eb)
{
    const struct document *d = &f->doc;
    bool blanks = fate == FATE_WRITTEN || f->cfg.lines;
    int rc = RF_OK;

    for (uint64_t i = 0; rc == RF_OK && blanks && i < d->blanks_before; i++)
        rc = text_out_line(out, "", 0, eb);
    if (rc == RF_OK && blanks && d->untitled)
        rc = text_out_untitled(out, eb);
    for (size_t i = 0; rc == RF_OK && fate == FATE_WRITTEN && i < d->n; i++)
        if (d->lines[i].fate == FATE_WRITTEN)
            rc = text_out_line(out, d->text.data + d->lines[i].text, d->lines[i].text_len, eb);
    for (uint64_t i = 0; rc == RF_OK && blanks && i < d->blanks_behind; i++)
        rc = text_out_line(out, "", 0, eb);
    return rc;
}

static void tally(const struct filter *f, enum fate fate, struct filter_totals *t)
{
    t->documents[fate]++;
    t->titles += f->doc.titles;
    for (size_t i = f->doc.titles; i < f->doc.n; i++) {
        enum fate line = f->doc.lines[i].fate;

        t->lines[line == FATE_WRITTEN && fate != FATE_WRITTEN ? FATE_EMPTY : line]++;
    }
}

/* Filter the text to `out` or, if that is NULL, its signatures to `signs`. */
static int filter_to(struct filter *f, struct lines *in, struct text_out *out,
                     struct signature_writer *signs, struct filter_totals *totals,
                     struct progress *progress, struct errbuf *eb)
{
    struct source s = start(f, in);
    int rc;

    *totals = (struct filter_totals){0};
    while ((rc = read_document(f, &s, eb)) > 0) {
        enum fate fate = FATE_WRITTEN;
        struct signature sign;

        if (f->doc.n) {
            fate = judge(f, &sign);
            if (fate == FATE_WRITTEN && signs) {
                signatures_put(signs, &sign);
            } else if (fate == FATE_WRITTEN) {
                totals->forgotten_documents += !remember(f, &sign);
                remember_lines(f, totals);
            }
            tally(f, fate, totals);
        }
        if (out && (rc = write_document(f, fate, out, eb)) != RF_OK)
            break;
        progress_show(progress, lines_consumed(in), NULL);
    }
    document_lines_free(&s.in);
    return rc;
}

int filter_text(struct filter *f, struct lines *in, struct text_out *out,
                struct filter_totals *totals, struct progress *progress, struct errbuf *eb)
{
    return filter_to(f, in, out, NULL, totals, progress, eb);
}

int filter_sign(struct filter *f, struct lines *in, struct signature_writer *to,
                struct filter_totals *totals, struct progress *progress, struct errbuf *eb)
{
    return filter_to(f, in, NULL, to, totals, progress, eb);
}

/* --- counts */

/* A line that was left out only because its document was has a name of its own. */
static const char *fate_name(int fate, bool line)
{
    return line && fate == FATE_EMPTY ? "with-document" : fate_names[fate];
}

static int put_counts(struct buf *to, bool lines, const uint64_t counts[FATES])
{
    uint64_t all = 0;
    int rc, n = 0;

    for (int i = 0; i < FATES; i++)
        all += counts[i];
    rc =
        buf_printf(to, "%llu of %llu %s", (unsigned long long)counts[FATE_WRITTEN],
                   (unsigned long long)all,
                   lines ? plural(all, "line", "lines") : plural(all, "document", "documents"));
    for (int i = 1; rc == RF_OK && i < FATES; i++)
        if (counts[i])
            rc = buf_printf(to, "%s%llu %s", n++ ? ", " : " (", (unsigned long long)counts[i],
                            fate_name(i, lines));
    return rc == RF_OK && n ? buf_put(to, ")", 1) : rc;
}

int filter_summary(struct buf *to, const struct filter_totals *t)
{
    int rc = put_counts(to, false, t->documents);

    if (rc == RF_OK)
        rc = buf_put(to, ", ", 2);
    if (rc == RF_OK)
        rc = put_counts(to, true, t->lines);
    return rc == RF_OK && t->titles
               ? buf_printf(to, ", %llu titles not compared", (unsigned long long)t->titles)
               : rc;
}

int filter_table(struct buf *to, const struct filter_totals *t)
{
    const uint64_t *const counts[] = {t->documents, t->lines};
    int rc = RF_OK;

    for (int i = 0; rc == RF_OK && i < 2 * FATES; i++)
        rc = buf_printf(to, "%s\t%s\t%llu\n", i < FATES ? "documents" : "lines",
                        fate_name(i % FATES, i >= FATES),
                        (unsigned long long)counts[i / FATES][i % FATES]);
    return rc;
}
