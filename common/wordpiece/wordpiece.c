#include "wordpiece/wordpiece.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "wordpiece/normalize.h"
#include "wordpiece/simple_word.h"
#include "wordpiece/trie.h"
#include "wordpiece/word_cache.h"

enum {
    WORD_MAX = 100, /* in code points; a longer word is [UNK] */
    N_SPECIAL = 5,
    DEFAULT_CACHE_BYTES = 4 << 20,
};

struct special {
    const char *text;
    size_t len;
    int32_t id;
};

struct wordpiece {
    struct trie *trie;
    bool owns_trie;
    unsigned flags;   /* the flags for normalize() */
    unsigned classes; /* normal_classes() of them */
    int32_t unk;
    struct special special[N_SPECIAL];
    int n_special;
    bool compose, decomposed;
    struct normal normal;
    struct buf *spans; /* NULL: spans are not wanted */
    uint32_t place;    /* then: characters before the text being encoded */
    struct word_cache cache;
    size_t cache_bytes, n_ids;
    uint64_t words, unknown;
};

static void add_special(struct wordpiece *w, const struct vocab *v, int32_t id)
{
    struct special *s = &w->special[w->n_special];

    if (id < 0)
        return;
    s->text = vocab_token(v, id, &s->len);
    s->id = id;
    w->n_special++;
}

int wordpiece_new(struct wordpiece **out, const struct vocab *v,
                  const struct wordpiece_cfg *cfg, struct errbuf *eb)
{
    struct special_ids ids = vocab_special(v);
    struct wordpiece *w;

    if (ids.unk < 0)
        return err_set(eb, RF_EINVAL, "the vocabulary has no [UNK]");
    if (!(w = calloc(1, sizeof *w)))
        return err_nomem(eb);
    w->flags = (cfg->lower_case ? NORMAL_LOWER : 0) | (cfg->strip_accents ? NORMAL_STRIP : 0);
    w->classes = normal_classes(w->flags);
    w->compose = cfg->compose;
    w->n_ids = vocab_size(v);
    w->cache_bytes = cfg->cache_bytes ? cfg->cache_bytes : DEFAULT_CACHE_BYTES;
    w->unk = ids.unk;
    add_special(w, v, ids.pad);
    add_special(w, v, ids.unk);
    add_special(w, v, ids.cls);
    add_special(w, v, ids.sep);
    add_special(w, v, ids.mask);
    w->owns_trie = true;
    if (word_cache_init(&w->cache, vocab_size(v), w->cache_bytes) != RF_OK ||
        trie_new(&w->trie, v) != RF_OK) {
        wordpiece_free(w);
        return err_nomem(eb);
    }
    *out = w;
    return RF_OK;
}

int wordpiece_share(struct wordpiece **out, const struct wordpiece *first)
{
    struct wordpiece *w = malloc(sizeof *w);

    if (!w)
        return RF_ENOMEM;
    *w = *first;
    w->owns_trie = false;
    w->normal = (struct normal){0};
    w->words = w->unknown = 0;
    w->decomposed = false;
    if (word_cache_init(&w->cache, w->n_ids, w->cache_bytes) != RF_OK) {
        free(w);
        return RF_ENOMEM;
    }
    *out = w;
    return RF_OK;
}

static int reserve(struct ids *to, size_t more)
{
    size_t cap = to->cap + to->cap / 2;
    int32_t *ids;

    if (to->cap - to->n >= more)
        return RF_OK;
    if (cap < to->n + more + 256)
        cap = to->n + more + 256;
    if (!(ids = realloc(to->ids, cap * sizeof *ids)))
        return RF_ENOMEM;
    to->ids = ids;
    to->cap = cap;
    return RF_OK;
}

int ids_put(struct ids *to, const int32_t *ids, size_t n)
{
    if (reserve(to, n) != RF_OK)
        return RF_ENOMEM;
    if (n)
        memcpy(to->ids + to->n, ids, n * sizeof *ids);
    to->n += n;
    return RF_OK;
}

/* Encode a word. The caller has made room for n ids. */
static void encode_word(struct wordpiece *w, struct ids *to, const uint32_t *word, size_t n)
{
    size_t tokens = n <= WORD_MAX ? trie_cut(w->trie, word, n, to->ids + to->n) : 0;

    w->words++;
    if (!tokens) {
        to->ids[to->n] = w->unk;
        tokens = 1;
        w->unknown++;
    }
    to->n += tokens;
}

/* Append the spans of the ids from `before` on, which spell the word or are its [UNK]. */
static int put_spans(struct wordpiece *w, const struct ids *to, size_t before,
                     const uint32_t *word, size_t n)
{
    const uint32_t *from = w->normal.from + (word - w->normal.cp);
    size_t done = 0;

    for (size_t i = before; i < to->n; i++) {
        struct span span;
        size_t len = n;
        int32_t id;

        if (to->ids[i] != w->unk || to->n - before > 1)
            len = trie_longest(w->trie, done ? TRIE_INSIDE : TRIE_START, word + done, n - done,
                               &id);
        span = (struct span){w->place + from[done], w->place + from[done + len - 1] + 1};
        if (buf_put(w->spans, &span, sizeof span) != RF_OK)
            return RF_ENOMEM;
        done += len;
    }
    return RF_OK;
}

/* True if a leading consonant and a vowel stand side by side: NFC would make a
 * syllable of them. */
static bool has_letters(const struct normal *t)
{
    for (size_t i = 1; i < t->n; i++)
        if (t->cp[i] - 0x1161 < 21 && t->cp[i - 1] - 0x1100 < 19)
            return true;
    return false;
}

static int encode_normal(struct wordpiece *w, struct ids *to, const char *text, size_t len)
{
    const uint32_t *word;
    size_t at = 0, n;

    if (normalize(&w->normal, text, len, w->flags) != RF_OK ||
        reserve(to, w->normal.n) != RF_OK)
        return RF_ENOMEM;
    if (!(w->flags & NORMAL_STRIP) && !w->decomposed)
        w->decomposed = has_letters(&w->normal);
    while (normal_word(&w->normal, &at, &word, &n)) {
        size_t before = to->n;

        encode_word(w, to, word, n);
        if (w->spans && put_spans(w, to, before, word, n) != RF_OK)
            return RF_ENOMEM;
    }
    if (w->spans)
        w->place += w->normal.here;
    return RF_OK;
}

/* Encode text between special tokens. Characters below U+0300 are not composed, so such
 * text skips NFC. */
static int encode_plain(struct wordpiece *w, struct ids *to, const char *text, size_t len)
{
    utf8proc_uint8_t *composed = NULL;
    utf8proc_ssize_t n;
    size_t i = 0;
    int rc;

    while (w->compose && i < len && (unsigned char)text[i] < 0xCC)
        i++;
    if (!w->compose || i == len)
        return encode_normal(w, to, text, len);
    n = utf8proc_map((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)len, &composed,
                     UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    if (n < 0) /* the text is valid, so it was memory */
        return RF_ENOMEM;
    rc = encode_normal(w, to, (const char *)composed, (size_t)n);
    free(composed);
    return rc;
}

/* Returns the special token that text[len] begins with, or NULL. All special tokens begin with
 * [, and none begins with another one. */
static const struct special *special_at(const struct wordpiece *w, const char *text, size_t len)
{
    for (int i = 0; i < w->n_special; i++) {
        const struct special *s = &w->special[i];

        if (len >= s->len && memcmp(text, s->text, s->len) == 0)
            return s;
    }
    return NULL;
}

/* Append the span of a special token, whose text is ASCII. */
static int put_special(struct wordpiece *w, const struct special *s)
{
    struct span span = {w->place, w->place + (uint32_t)s->len};

    w->place = span.b;
    return buf_put(w->spans, &span, sizeof span);
}

static int encode_raw_word(struct wordpiece *w, struct ids *to, const char *text, size_t len)
{
    const char *end = text + len, *at = text;

    while ((at = memchr(at, '[', (size_t)(end - at)))) {
        const struct special *s = special_at(w, at, (size_t)(end - at));

        if (!s) {
            at++;
            continue;
        }
        if (encode_plain(w, to, text, (size_t)(at - text)) != RF_OK || reserve(to, 1) != RF_OK)
            return RF_ENOMEM;
        to->ids[to->n++] = s->id;
        if (w->spans && put_special(w, s) != RF_OK)
            return RF_ENOMEM;
        text = at += s->len;
    }
    return encode_plain(w, to, text, (size_t)(end - text));
}

/* The lines of a text: what is noted of them is how many ids there are up to the end of each.
 */
struct line_ends {
    const struct line_batch *batch; /* NULL: lines are not asked for */
    size_t *end, k;                 /* the line that is being encoded, */
    const char *stop;               /* and where it ends */
};

/* Note the lines that end before this place in the text. */
static void end_lines(struct line_ends *l, const char *at, size_t n_ids)
{
    const struct line_batch *b = l->batch;

    while (b && l->k < b->n && b->text.data + b->line[l->k].end <= at)
        l->end[l->k++] = n_ids;
    l->stop = b && l->k < b->n ? b->text.data + b->line[l->k].end : (const char *)UINTPTR_MAX;
}

/* Words that come together, and what is known of them. */
struct some_words {
    unsigned n;
    struct raw_word word[RAW_WORDS];
    const struct word_ids *found[RAW_WORDS]; /* what the cache has of a word */
    /* Those that it has not, by their indexes; RAW_WORDS ends the list. */
    unsigned fresh, index[RAW_WORDS + 1];
    struct simple_word simple[RAW_WORDS]; /* of these: how they are spelt, */
    size_t at[RAW_WORDS];                 /* where their ids begin, */
    struct word_tally tally[RAW_WORDS];   /* and how many they are */
};

/* Cut the next words, and ask for their sets. */
static void next_words(struct some_words *s, struct raw_words *from,
                       const struct word_cache *cache)
{
    s->n = raw_words_next(from, s->word);
    for (unsigned i = 0; i < s->n; i++)
        word_cache_fetch(cache, &s->word[i]);
}

/* Look a word up that its own set has not. If it is fresh, read it, and ask for what cutting it
 * into tokens is going to read first. */
static void look_again(const struct wordpiece *w, struct some_words *s, unsigned i)
{
    const struct raw_word *word = &s->word[i];
    struct simple_word *simple = &s->simple[s->fresh];

    simple->n = 0;
    if (raw_word_has_key(word)) {
        if ((s->found[i] = word_cache_find_beside(&w->cache, word)))
            return;
        if (simple_word_read(simple, word->text, word->len, w->classes, w->compose))
            trie_fetch(w->trie, simple->cp, simple->n);
    }
    s->index[s->fresh++] = i;
}

/* Look all words up. The first loop has no branches that depend on what is found. */
static void find_words(const struct wordpiece *w, struct some_words *s)
{
    unsigned missing[RAW_WORDS], n = 0;

    for (unsigned i = 0; i < s->n; i++) {
        s->found[i] = word_cache_find(&w->cache, &s->word[i]);
        missing[n] = i;
        n += !s->found[i];
    }
    for (unsigned k = 0; k < n; k++)
        word_cache_fetch_beside(&w->cache, &s->word[missing[k]]);
    s->fresh = 0;
    for (unsigned k = 0; k < n; k++)
        look_again(w, s, missing[k]);
    s->index[s->fresh] = RAW_WORDS;
}

/* Encode fresh word k. */
static int encode_fresh(struct wordpiece *w, struct ids *to, struct some_words *s, unsigned k)
{
    const struct raw_word *word = &s->word[s->index[k]];
    const struct simple_word *simple = &s->simple[k];
    uint64_t words = w->words, unknown = w->unknown;

    s->at[k] = to->n;
    for (unsigned start = 0, end; start < simple->n; start = end) {
        end = simple_word_end(simple, start);
        encode_word(w, to, simple->cp + start, end - start);
    }
    if (!simple->n && encode_raw_word(w, to, word->text, word->len) != RF_OK)
        return RF_ENOMEM;
    s->tally[k] = (struct word_tally){.ids = (uint8_t)(to->n - s->at[k]),
                                      .words = (uint8_t)(w->words - words),
                                      .unknown = (uint8_t)(w->unknown - unknown)};
    return RF_OK;
}

/* Keep the fresh words, now that what was found of the others is not needed any more. */
static void keep_words(struct wordpiece *w, const struct ids *to, const struct some_words *s)
{
    for (unsigned k = 0; k < s->fresh; k++) {
        const struct raw_word *word = &s->word[s->index[k]];

        if (raw_word_has_key(word))
            word_cache_put(&w->cache, word, to->ids + s->at[k], s->tally[k]);
    }
}

static int encode_words(struct wordpiece *w, struct ids *to, struct some_words *s,
                        struct line_ends *l)
{
    enum { ROOM = RAW_WORDS * WORD_IDS_ROOM }; /* also enough for a simple word */
    bool narrow = w->cache.narrow;
    unsigned k = 0;

    find_words(w, s);
    if (reserve(to, ROOM) != RF_OK)
        return RF_ENOMEM;
    for (unsigned i = 0; i < s->n; i++) {
        const struct word_ids *found = s->found[i];

        if (s->word[i].text >= l->stop)
            end_lines(l, s->word[i].text, to->n);
        if (i == s->index[k]) {
            if (encode_fresh(w, to, s, k++) != RF_OK || reserve(to, ROOM) != RF_OK)
                return RF_ENOMEM;
            continue;
        }
        word_ids_copy(found, to->ids + to->n, narrow);
        to->n += word_ids_tally(found).ids;
        w->words += word_ids_tally(found).words;
        w->unknown += word_ids_tally(found).unknown;
    }
    keep_words(w, to, s);
    return RF_OK;
}

/* While some words are looked up, the sets of the next ones are on their way from memory. */
static int encode_text(struct wordpiece *w, struct ids *to, const char *text, size_t len,
                       size_t slack, struct line_ends *l)
{
    struct raw_words cut;
    struct some_words some[2], *now = &some[0], *next = &some[1];

    raw_words_begin(&cut, text, len, slack);
    end_lines(l, text, to->n);
    for (next_words(now, &cut, &w->cache); now->n;) {
        struct some_words *done = now;

        next_words(next, &cut, &w->cache);
        if (encode_words(w, to, now, l) != RF_OK)
            return RF_ENOMEM;
        now = next;
        next = done;
    }
    end_lines(l, text + len, to->n);
    return RF_OK;
}

int wordpiece_encode(struct wordpiece *w, struct ids *to, const char *text, size_t len)
{
    struct line_ends none = {0};

    return encode_text(w, to, text, len, 0, &none);
}

int wordpiece_encode_lines(struct wordpiece *w, struct ids *to, size_t *end,
                           const struct line_batch *lines)
{
    struct line_ends l = {.batch = lines, .end = end};

    return encode_text(w, to, lines->text.data, lines->text.len, LINE_BATCH_SLACK, &l);
}

int wordpiece_encode_spans(struct wordpiece *w, struct ids *to, struct buf *spans,
                           const char *text, size_t len)
{
    int rc;

    if (w->compose)
        return RF_EINVAL;
    if (!w->normal.track) {
        normal_free(&w->normal); /* it was allocated without room for places */
        w->normal.track = true;
    }
    w->spans = spans;
    w->place = 0;
    rc = encode_raw_word(w, to, text, len);
    w->spans = NULL;
    return rc;
}

bool wordpiece_decomposed(const struct wordpiece *w)
{
    return w->decomposed;
}

uint64_t wordpiece_words(const struct wordpiece *w)
{
    return w->words;
}

uint64_t wordpiece_unknown(const struct wordpiece *w)
{
    return w->unknown;
}

void wordpiece_free(struct wordpiece *w)
{
    if (!w)
        return;
    if (w->owns_trie)
        trie_free(w->trie);
    normal_free(&w->normal);
    word_cache_free(&w->cache);
    free(w);
}

/* True if Hugging Face's decoder puts no space before the token, because it begins with
 * one of these. */
static bool joins_left(const char *token)
{
    static const char *const marks[] = {".", "?", "!", ",", "n't", "'m", "'s", "'ve", "'re"};

    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (strncmp(token, marks[i], strlen(marks[i])) == 0)
            return true;
    return false;
}

int wordpiece_decode(const struct vocab *v, struct buf *to, const int32_t *ids, size_t n,
                     bool skip_special, bool clean, struct errbuf *eb)
{
    const struct special_ids special = vocab_special(v);
    bool first = true;

    for (size_t i = 0; i < n; i++) {
        const char *token;
        size_t len;
        int rc = RF_OK;

        if (ids[i] < 0 || (size_t)ids[i] >= vocab_size(v))
            return err_set(eb, RF_EINVAL, "no token has the id %d", ids[i]);
        if (skip_special && special_has(&special, ids[i]))
            continue;
        token = vocab_token(v, ids[i], &len);
        if (!first && strncmp(token, "##", 2) == 0) {
            token += 2;
            len -= 2;
        } else if (!first && !(clean && joins_left(token))) {
            rc = buf_put(to, " ", 1);
        }
        if (rc != RF_OK || buf_put(to, token, len) != RF_OK)
            return err_nomem(eb);
        first = false;
    }
    return RF_OK;
}
