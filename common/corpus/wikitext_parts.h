/*
 * wikitext_parts.h: what the files of the wikitext converter share. Private to them.
 *
 * A page goes through `flat`, where comments, tags, templates and links are resolved. Then it
 * goes line by line through `para`, where quotes, external links and entities are resolved, to
 * the output. On the way control bytes, which no page can contain, stand for what the output
 * does not show.
 */
#ifndef CORPUS_WIKITEXT_PARTS_H
#define CORPUS_WIKITEXT_PARTS_H

#include <stdint.h>
#include <string.h>

#include "corpus/wikitext.h"

enum wt_mark_kind {
    MARK_DROP = 1,    /* something was left out here */
    MARK_BREAK = 2,   /* a line ends here */
    MARK_NOTHING = 3, /* separates the text before it from the text behind it */
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

/* A piece of another text. */
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

static inline bool wt_span_is(struct wt_span t, const char *s)
{
    return t.n == strlen(s) && memcmp(t.s, s, t.n) == 0;
}

static inline bool wt_span_starts(struct wt_span t, const char *head)
{
    return t.n >= strlen(head) && memcmp(t.s, head, strlen(head)) == 0;
}

static inline bool wt_span_ends(struct wt_span t, const char *tail)
{
    size_t n = strlen(tail);

    return t.n >= n && memcmp(t.s + t.n - n, tail, n) == 0;
}

/* For bsearch() of a span in a table of words. */
static inline int wt_by_word(const void *span, const void *row)
{
    const struct wt_span *t = (const struct wt_span *)span;
    const char *word = *(const char *const *)row;
    size_t n = strlen(word);
    int order = memcmp(t->s, word, t->n < n ? t->n : n);

    return order ? order : (t->n > n) - (t->n < n);
}

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* How many templates, links and variants may be open in each other; if there are more,
 * the outermost ones are taken as text. This limits how often a byte is moved, and with
 * it the time. */
enum { OPEN_MAX = 64, ARGS_MAX = 256 };

enum open_kind { OPEN_BRACE, OPEN_LINK, OPEN_VARIANT };

struct open {
    enum open_kind kind;
    size_t start; /* where its brackets begin in `flat` */
    size_t count; /* number of its brackets */
    size_t args;  /* the index of its first argument in work->arg */
};

struct arg {
    size_t pipe;  /* the | before it, in `flat` */
    size_t equal; /* its first =; 0: it has none */
};

enum { POSITIONS = 32 };

/* The parts of a closed template, which lie in `flat`. */
struct call {
    struct wt_span name;
    struct wt_span at[POSITIONS + 1]; /* arguments by number, from 1; s NULL: not given */
    struct wt_span last, text;        /* the last argument without a name; text= or the like */
    size_t n;                         /* how many have no name */
    size_t top;                       /* the highest number given; above POSITIONS: too many */
    size_t first, end;                /* all of them are k->arg[first..end) */
    size_t start;                     /* where it begins in `flat` */
    char before;                      /* the byte before that, NUL: none */
};

struct wikitext {
    struct wikitext_cfg cfg;
    struct keep_rule *keep; /* sorted by name */
    size_t n_keep;
    char *names; /* the names of the built-in rules */
};

struct keep_rule {
    const char *name; /* as wiki_fold() writes it */
    const char *what; /* see wikitext_keep.c for what it leaves */
    char *own;        /* the memory of both; NULL: the rule is built in */
};

struct wikitext_work {
    const struct wikitext *w;
    const struct namespaces *ns;
    const char *title;
    struct wikitext_removed *removed;
    bool no_memory; /* once set it stays set */
    struct buf flat, para, tmp;
    struct open open[OPEN_MAX];
    size_t n_open;
    struct arg *arg;
    size_t n_arg, cap_arg;
    /* A bit for each tag, which is set if no such tag is closed after this point. */
    uint64_t unclosed[2];
    size_t line_end;      /* in the source: the end of the line that was asked for last */
    size_t unclosed_html; /* number of HTML tables that were found to have no end */
    size_t no_gt;         /* in the source: there is no > from here on */
    struct {
        size_t start, end;
    } note_end;          /* in the source: the first </ref> that was found */
    size_t lines_apart;  /* in the source: up to here each line is a paragraph (poem) */
    size_t variant_end;  /* in the source: the end of the last }- */
    struct buf headings; /* the lines of headings that no text has followed yet */
    /* The level of each of them, and where it starts in `headings`. */
    size_t level[6], level_start[6];
    size_t n_levels;
    size_t unclosed_tables;
};

/* wikitext_work.c: these two append to a buffer. A failure sets k->no_memory. */
void wt_put(struct wikitext_work *k, struct buf *b, const char *s, size_t n);
void wt_mark(struct wikitext_work *k, struct buf *b, char mark);

/* Make the buffer empty. A large one gives its memory back. */
void wt_empty(struct buf *b);

/* Count one more of a kind; `name` is for the report. */
void wt_count(struct wikitext_work *k, enum wikitext_kind kind, const char *name, size_t n);

/* wikitext_flat.c: write s[n] to k->flat without comments, tags, templates and links. */
void wt_flatten(struct wikitext_work *k, const char *s, size_t n);

/* wikitext_tags.c: take what begins with the < at s[i], and return where to go on. */
size_t wt_tag(struct wikitext_work *k, const char *s, size_t n, size_t i);

/* wikitext_keep.c: keep_rules() makes the rules, the built-in ones and `more`; keep_find()
 * returns the rule for a folded name, or NULL if there is none. */
const struct keep_rule *keep_find(const struct wikitext *w, const char *name);
MUST_CHECK int keep_rules(struct wikitext *w, const char *more, struct errbuf *eb);

/* wikitext_template.c: replace a closed template in `flat` by what it leaves. In `flat`
 * open->count braces start at open->start, and the last `braces` of them are its own. */
void wt_template(struct wikitext_work *k, const struct open *open, size_t braces);

/* wikitext_call.c: read the call that begins with `open`, whose own braces begin at `start`. */
void wt_read_call(const struct wikitext_work *k, struct call *c, const struct open *open,
                  size_t start);

/* Argument i of a call, k->arg[i], trimmed. *name is its name, {NULL} if it has none. */
struct wt_span wt_argument(const struct wikitext_work *k, size_t i, struct wt_span *name);

/* The argument called `name`, {NULL} if there is none. */
struct wt_span wt_named(const struct wikitext_work *k, const struct call *c, const char *name);

/* True if the names of all arguments stand in `list`, with a space behind each. */
bool wt_only_named(const struct wikitext_work *k, const struct call *c, const char *list);

/* These append to k->tmp: a number as the templates show it, and 5|to|10 from argument *i on,
 * where *i becomes the last one taken. False: that is no number. */
void wt_put_text(struct wikitext_work *k, const char *s);
void wt_put_span(struct wikitext_work *k, struct wt_span t);
void wt_put_number(struct wikitext_work *k, struct wt_span t);
void wt_put_front(struct wikitext_work *k, struct wt_span t); /* before all of it */
bool wt_put_range(struct wikitext_work *k, const struct call *c, size_t *i);

/* What the templates show for a word between two numbers, such as "to"; NULL: it is none. */
const char *wt_range_text(struct wt_span t);

/* True if something was left out in t; true if t begins with a number and nothing was. */
bool wt_has_drop(struct wt_span t);
bool wt_is_number(struct wt_span t);

/* wikitext_value.c: append to k->tmp the number, measure, sum or date that the template shows.
 * `kind` is a letter of the table there. False: the arguments were not understood, and what was
 * appended is of no use. */
bool wt_value(struct wikitext_work *k, const struct call *c, char kind);

/* True if `kind` is such a letter. */
bool wt_is_value(char kind);

/* wikitext_measure.c */
bool wt_put_measure(struct wikitext_work *k, const struct call *c);
bool wt_put_val(struct wikitext_work *k, const struct call *c);
bool wt_put_with_unit(struct wikitext_work *k, const struct call *c);
bool wt_put_altitude(struct wikitext_work *k, const struct call *c);
bool wt_put_height(struct wikitext_work *k, const struct call *c);

/* wikitext_date.c */
bool wt_put_as_of(struct wikitext_work *k, const struct call *c);
bool wt_put_date(struct wikitext_work *k, const struct call *c);
bool wt_put_old_style(struct wikitext_work *k, const struct call *c);
bool wt_put_century(struct wikitext_work *k, const struct call *c);
bool wt_put_s(struct wikitext_work *k, const struct call *c);
bool wt_put_siglo(struct wikitext_work *k, const struct call *c);
bool wt_put_years(struct wikitext_work *k, const struct call *c);
bool wt_put_circa(struct wikitext_work *k, const struct call *c);
bool wt_put_age(struct wikitext_work *k, const struct call *c);

/* wikitext_tags.c: what stands between a number and raised text behind it: "^" if that is a
 * number too, nothing if it is not, a space if it is a fraction. */
const char *wt_power(char before, struct wt_span raised);

/* wikitext_link.c: replace the link in `flat`, which has its [[ at `start` and its text behind
 * that, by the text to show. False if it is no link. */
bool wt_link(struct wikitext_work *k, size_t start);

/* Do the same with a variant and its -{. */
void wt_variant(struct wikitext_work *k, size_t start);

/* wikitext_lines.c: write the lines of `flat` to `to`. */
void wt_lines(struct wikitext_work *k, struct buf *to);

/* wikitext_inline.c: append a line without its list or heading marks to `para`. */
void wt_inline(struct wikitext_work *k, struct wt_span line);

/* True if t begins with a protocol, as in http://. */
bool wt_is_url(struct wt_span t);

/* wikitext_clean.c: turn the text of `para` into lines in `tmp`, each ended by LF, and
 * empty `para`. */
void wt_clean(struct wikitext_work *k);

/* wikitext_tables.c: wt_entity() is the code point of a named entity, 0 if there is none;
 * wt_is_language() is true if a word is the language code of a Wikipedia. */
uint32_t wt_entity(const char *name, size_t n);
bool wt_is_language(const char *word, size_t n);

#endif
