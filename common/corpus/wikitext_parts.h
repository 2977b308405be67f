/*
 * wikitext_parts.h: what the files of the wikitext converter share; for wikitext*.c alone.
 *
 * A page goes through `flat`, where comments, tags, templates and links are resolved, then line
 * by line through `para`, where quotes, external links and entities are, to the output. On the
 * way control bytes, which no page can hold, stand for what the output does not show.
 */
#ifndef CORPUS_WIKITEXT_PARTS_H
#define CORPUS_WIKITEXT_PARTS_H

#include <stdint.h>
#include <string.h>

#include "corpus/wikitext.h"

enum wt_mark_kind {
    MARK_DROP = 1,    /* something was left out here */
    MARK_BREAK = 2,   /* a line ends here */
    MARK_NOTHING = 3, /* keeps apart what stands around it */
    MARK_LITERAL = 14 /* + i: the character LITERALS[i], which is no markup here (nowiki) */
};
#define LITERALS "'[]{}|<>=*#:;-_! "

static inline bool is_mark(char c)
{
    return (unsigned char)c < ' ' && c != '\t' && c != '\n';
}

static inline bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/* Text inside another. */
struct wt_span {
    const char *s;
    size_t n;
};

static inline struct wt_span wt_span_trim(struct wt_span t)
{
    while (t.n && is_blank(*t.s))
        t.s++, t.n--;
    while (t.n && is_blank(t.s[t.n - 1]))
        t.n--;
    return t;
}

/* Templates, links and variants may be open in each other so deep; of more, the outermost are
 * taken as text. This bounds how often a byte is moved, and with it the time. */
enum { OPEN_MAX = 64, ARGS_MAX = 256 };

enum open_kind { OPEN_BRACE, OPEN_LINK, OPEN_VARIANT };

struct open {
    enum open_kind kind;
    size_t start; /* in flat: where its brackets begin */
    size_t count; /* of brackets */
    size_t args;  /* its first one's index in work->arg */
};

struct arg {
    size_t pipe;  /* in flat: the | before it */
    size_t equal; /* its first =, 0: none */
};

struct wikitext {
    struct wikitext_cfg cfg;
    struct keep_rule *keep; /* sorted by name */
    size_t n_keep;
    char *names; /* of the built-in ones */
};

struct keep_rule {
    const char *name; /* as wiki_fold() gives it */
    const char *what; /* what it leaves: see wikitext_keep.c */
    char *own;        /* NULL: built in. Else holds both */
};

struct wikitext_work {
    const struct wikitext *w;
    const struct namespaces *ns;
    const char *title;
    struct wikitext_removed *removed;
    bool no_memory; /* sticky */
    struct buf flat, para, tmp;
    struct open open[OPEN_MAX];
    size_t n_open;
    struct arg *arg;
    size_t n_arg, cap_arg;
    uint64_t unclosed[2]; /* tags that are not closed after this point: a bit each */
    size_t lines_apart;   /* in the source: up to here each line is a paragraph (poem) */
    size_t variant_end;   /* in the source: where the last }- ended */
    struct buf headings;  /* lines of those that nothing followed yet */
    size_t level[6], level_start[6]; /* of each: its level, where it starts in headings */
    size_t n_levels;
    size_t unclosed_tables;
};

/* wikitext_work.c: append; a failure is kept in k->no_memory. */
void wt_put(struct wikitext_work *k, struct buf *b, const char *s, size_t n);
void wt_mark(struct wikitext_work *k, struct buf *b, char mark);

/* Empty it; a large one gives its memory back. */
void wt_empty(struct buf *b);

/* Count one more of a kind, with the name for the report. */
void wt_count(struct wikitext_work *k, enum wikitext_kind kind, const char *name, size_t n);

/* wikitext_flat.c: s[n] to k->flat, without comments, tags, templates and links. */
void wt_flatten(struct wikitext_work *k, const char *s, size_t n);

/* wikitext_tags.c: a < stands at s[i]; takes what it begins and returns where to go on. */
size_t wt_tag(struct wikitext_work *k, const char *s, size_t n, size_t i);

/* wikitext_keep.c: make the rules, the built-in ones and `more`; the one for a folded name,
 * NULL if there is none. */
const struct keep_rule *keep_find(const struct wikitext *w, const char *name);
MUST_CHECK int keep_rules(struct wikitext *w, const char *more, struct errbuf *eb);

/* wikitext_template.c: a template closed; flat from open->start on is its braces and inside,
 * the last `braces` of open->count are its own. Replace it by what it leaves. */
void wt_template(struct wikitext_work *k, const struct open *open, size_t braces);

/* wikitext_link.c: flat from `start` on is [[ and a link's inside: replace it by its text.
 * False: it is no link. */
bool wt_link(struct wikitext_work *k, size_t start);

/* The same for -{ and a variant's inside. */
void wt_variant(struct wikitext_work *k, size_t start);

/* wikitext_lines.c: flat to `to`. */
void wt_lines(struct wikitext_work *k, struct buf *to);

/* wikitext_inline.c: a line without its list or heading marks, appended to para. */
void wt_inline(struct wikitext_work *k, struct wt_span line);

/* Begins t with a protocol, as in http://? */
bool wt_is_url(struct wt_span t);

/* wikitext_clean.c: turn what para holds into lines in tmp, each ended by LF, and empty para.
 */
void wt_clean(struct wikitext_work *k);

/* wikitext_tables.c: the code point of a named entity, 0 if there is none; whether a word is
 * the code of a Wikipedia's language. */
uint32_t wt_entity(const char *name, size_t n);
bool wt_is_language(const char *word, size_t n);

#endif
