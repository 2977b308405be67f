#include "data/cloze.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_put.h"
#include "base/rng.h"
#include "base/utf8.h"
#include "base/words.h"
#include "text/document.h"
#include "text/unicode.h"

enum {
    ANSWER_WORDS = 4,  /* most words of an answer */
    ANSWER_CHARS = 40, /* and most characters */
    ANSWER_TRIES = 6,  /* answers that are drawn before a sentence is given up */
    LEAST_WORDS = 5,   /* of a sentence that is asked about */
    LEAST_KEPT = 2,    /* of its words beside the answer in a question */
    NEAR_LEAST = 4,    /* a question has words up to so many places from the answer, */
    NEAR_MORE = 10,    /* and up to so many more */
};

/* The particles that a Korean answer ends before, and endings that make a noun a verb, a longer
 * one before one that it ends in. */
static const char *const particles[] = {
    "이었다", "하였다", "에서는", "에게는", "으로는", "이라는", "에서", "에게", "까지", "부터",
    "으로",   "에는",   "라는",   "이며",   "이다",   "였다",   "하여", "하는", "하고", "되는",
    "되어",   "했다",   "은",     "는",     "이",     "가",     "을",   "를",   "의",   "에",
    "로",     "와",     "과",     "도",     "인",     "한",     "된",   "함",   "임",   NULL};

/* A part of the context's text, in bytes. */
struct span {
    size_t start, end;
};

struct spans {
    struct span *at;
    size_t n, cap;
};

struct maker {
    const struct cloze_cfg *cfg;
    struct words ask, ask_number;
    FILE *to;
    struct cloze_totals *totals;
    struct buf title, context, question, json;
    struct spans sentences, words;
    size_t chars;      /* code points of the context */
    uint64_t contexts; /* so many were seen; the random numbers of one depend on its number */
    bool in_article;   /* the document has an article, to which contexts are added */
    struct rng draw;   /* of the sentence that is asked about */
    uint64_t drawn;    /* how many of its elements were used */
};

static int add_span(struct spans *to, size_t start, size_t end)
{
    if (to->n == to->cap) {
        size_t cap = to->cap ? 2 * to->cap : 64;
        struct span *more = reallocarray(to->at, cap, sizeof *more);

        if (!more)
            return RF_ENOMEM;
        to->at = more;
        to->cap = cap;
    }
    to->at[to->n++] = (struct span){start, end};
    return RF_OK;
}

static uint64_t below(struct maker *m, uint64_t n)
{
    return rng_below(m->draw, m->drawn++, n);
}

static bool chance(struct maker *m, double p)
{
    return (double)rng_uniform(m->draw, m->drawn++) < p;
}

/* --- words */

/* The words of a sentence, which white space separates. */
static int split_sentence(struct maker *m, struct span sentence)
{
    const char *text = m->context.data;
    size_t at = sentence.start, start = at;
    int rc = RF_OK;

    m->words.n = 0;
    while (at < sentence.end && rc == RF_OK) {
        uint32_t cp;
        size_t len = utf8_next(&cp, text + at);

        if (uni_is_white_space(cp)) {
            if (at > start)
                rc = add_span(&m->words, start, at);
            start = at + len;
        }
        at += len;
    }
    return rc == RF_OK && at > start ? add_span(&m->words, start, at) : rc;
}

/* The word without the marks around it. */
static struct span without_marks(const char *text, struct span w)
{
    uint32_t cp;

    while (w.start < w.end) {
        size_t len = utf8_next(&cp, text + w.start);

        if (!(uni_class(cp) & UNI_PUNCT))
            break;
        w.start += len;
    }
    while (w.end > w.start) {
        const char *end = text + w.end;

        if (!(uni_class(utf8_prev(text + w.start, &end)) & UNI_PUNCT))
            break;
        w.end = (size_t)(end - text);
    }
    return w;
}

/* The word, which has no marks around it, without its particle. Two characters or more stay. */
static struct span without_particle(const char *text, struct span w)
{
    for (size_t i = 0; particles[i]; i++) {
        size_t len = strlen(particles[i]);

        if (w.end - w.start > len && memcmp(text + w.end - len, particles[i], len) == 0 &&
            utf8_count(text + w.start, w.end - w.start - len) >= 2) {
            w.end -= len;
            break;
        }
    }
    return w;
}

static bool has_digit(const char *text, struct span s)
{
    for (size_t i = s.start; i < s.end; i++)
        if (text[i] >= '0' && text[i] <= '9')
            return true;
    return false;
}

/* --- a question */

/* What is asked for: words `first` to `last`, and the answer in them. */
struct asked {
    size_t first, last;
    struct span answer;
    struct span behind; /* the particle behind the answer, which may be empty */
};

/* Draw an answer. What ends before a particle is a noun most of the time and what has a digit a
 * number, so most of the others are drawn again. */
static bool draw_answer(struct maker *m, struct asked *a)
{
    const char *text = m->context.data;

    for (int i = 0; i < ANSWER_TRIES; i++) {
        struct span first, last;
        size_t chars;

        a->first = (size_t)below(m, m->words.n);
        a->last = a->first + (size_t)(below(m, ANSWER_WORDS) * below(m, ANSWER_WORDS)) / 3;
        if (a->last >= m->words.n)
            continue;
        first = without_marks(text, m->words.at[a->first]);
        last = without_marks(text, m->words.at[a->last]);
        a->behind = (struct span){without_particle(text, last).end, last.end};
        a->answer = (struct span){first.start, a->behind.start};
        if (first.start == first.end || last.start == last.end)
            continue;
        chars = utf8_count(text + a->answer.start, a->answer.end - a->answer.start);
        if (chars < 2 || chars > ANSWER_CHARS)
            continue;
        if (a->behind.start < a->behind.end || has_digit(text, a->answer) || chance(m, 0.3))
            return true;
    }
    return false;
}

static int put_word(struct buf *to, const char *text, struct span w)
{
    if (to->len > 0 && buf_put(to, " ", 1) != RF_OK)
        return RF_ENOMEM;
    return buf_put(to, text + w.start, w.end - w.start);
}

/* Put words from..to-1 of the sentence, of which a share of `keep` stays, some of those without
 * their particle. *kept is increased by how many. */
static int put_some(struct maker *m, size_t from, size_t to, double keep, size_t *kept)
{
    const char *text = m->context.data;
    int rc = RF_OK;

    for (size_t i = from; i < to && rc == RF_OK; i++) {
        struct span w = without_marks(text, m->words.at[i]);

        if (w.start == w.end || !chance(m, keep))
            continue;
        if (chance(m, 0.3))
            w = without_particle(text, w);
        rc = put_word(&m->question, text, w);
        ++*kept;
    }
    return rc;
}

/* Put a question word, in the answer's place with its particle. */
static int put_ask(struct maker *m, const struct asked *a, bool in_place)
{
    const struct words *ask = has_digit(m->context.data, a->answer) ? &m->ask_number : &m->ask;
    const char *word = ask->w[below(m, ask->n)];
    int rc = put_word(&m->question, word, (struct span){0, strlen(word)});

    if (rc == RF_OK && in_place)
        rc = buf_put(&m->question, m->context.data + a->behind.start,
                     a->behind.end - a->behind.start);
    return rc;
}

/* Make the question of an answer: the words on both sides and the question word, which stands
 * at the end more often than not. *kept becomes the number of the sentence's words in it. */
static int put_question(struct maker *m, const struct asked *a, size_t *kept)
{
    double keep = 0.35 + 0.55 * (double)rng_uniform(m->draw, m->drawn++);
    size_t near = NEAR_LEAST + (size_t)below(m, NEAR_MORE);
    size_t from = a->first > near ? a->first - near : 0, to = a->last + 1 + near;
    bool in_place = chance(m, 0.25);
    int rc;

    *kept = 0;
    buf_clear(&m->question);
    if (to > m->words.n)
        to = m->words.n;
    rc = put_some(m, from, a->first, keep, kept);
    if (rc == RF_OK && in_place)
        rc = put_ask(m, a, true);
    if (rc == RF_OK)
        rc = put_some(m, a->last + 1, to, keep, kept);
    if (rc == RF_OK && !in_place)
        rc = put_ask(m, a, false);
    return rc == RF_OK ? buf_put(&m->question, "?", 1) : rc;
}

static int put_string(struct buf *to, const char *s, size_t n)
{
    return json_put_string(to, s, n, JSON_LETTERS);
}

/* Put the question with its answer behind those of the context. */
static int put_qa(struct maker *m, const struct asked *a, bool first)
{
    struct buf *j = &m->json;
    const char *text = m->context.data;
    size_t len = a->answer.end - a->answer.start;

    if (buf_printf(j, "%s\n{\"id\": \"%llu\", \"question\": ", first ? "" : ",",
                   (unsigned long long)m->totals->questions) != RF_OK ||
        put_string(j, m->question.data, m->question.len) != RF_OK ||
        buf_printf(j, ", \"answers\": [{\"text\": ") != RF_OK ||
        put_string(j, text + a->answer.start, len) != RF_OK ||
        buf_printf(j, ", \"answer_start\": %zu}]}", utf8_count(text, a->answer.start)) != RF_OK)
        return RF_ENOMEM;
    m->totals->questions++;
    return RF_OK;
}

/* Ask about the sentence if a question can be made of it: 1, else 0. */
static int ask_about(struct maker *m, struct span sentence, bool first)
{
    struct asked a;
    size_t kept;
    int rc = split_sentence(m, sentence);

    if (rc != RF_OK || m->words.n < LEAST_WORDS || !draw_answer(m, &a))
        return rc;
    rc = put_question(m, &a, &kept);
    if (rc != RF_OK || kept < LEAST_KEPT)
        return rc;
    rc = put_qa(m, &a, first);
    return rc == RF_OK ? 1 : rc;
}

/* --- contexts */

/* Write the context with its questions, if it has any, into the document's article. */
static int write_context(struct maker *m)
{
    uint64_t number = m->contexts++, asked = 0;
    struct rng order = rng_stream(m->cfg->seed, number, 0, RNG_CLOZE);
    int rc = RF_OK;

    if (m->chars < m->cfg->min_chars || (double)rng_uniform(order, 0) >= m->cfg->share)
        return RF_OK;
    buf_clear(&m->json);
    for (size_t i = 0; i < m->sentences.n && asked < m->cfg->questions && rc >= 0; i++) {
        size_t chosen = (size_t)rng_permute(order, i, m->sentences.n);

        m->draw = rng_stream(m->cfg->seed, number, 1 + (uint32_t)i, RNG_CLOZE);
        m->drawn = 0;
        rc = ask_about(m, m->sentences.at[chosen], asked == 0);
        asked += rc == 1;
    }
    if (rc < 0 || asked == 0)
        return rc < 0 ? rc : RF_OK;
    buf_clear(&m->question);
    if (put_string(&m->question, m->context.data, m->context.len) != RF_OK)
        return RF_ENOMEM;
    if (!m->in_article)
        fprintf(m->to, "%s\n{\"title\": %s, \"paragraphs\": [", m->totals->contexts ? "," : "",
                m->title.len ? m->title.data : "\"\"");
    fprintf(m->to, "%s\n{\"context\": %s, \"qas\": [%s]}", m->in_article ? "," : "",
            m->question.data, m->json.data);
    m->in_article = true;
    m->totals->contexts++;
    return RF_OK;
}

static int end_context(struct maker *m)
{
    int rc = m->sentences.n ? write_context(m) : RF_OK;

    buf_clear(&m->context);
    m->sentences.n = 0;
    m->chars = 0;
    return rc;
}

static int end_document(struct maker *m)
{
    int rc = end_context(m);

    if (m->in_article)
        fputs("]}", m->to);
    m->in_article = false;
    buf_clear(&m->title);
    return rc;
}

static int add_sentence(struct maker *m, const char *text, size_t len)
{
    size_t chars = utf8_count(text, len), start;
    int rc = RF_OK;

    if (m->sentences.n && m->chars + 1 + chars > m->cfg->max_chars)
        rc = end_context(m);
    if (chars > m->cfg->max_chars) {
        m->totals->too_long++;
        return rc;
    }
    if (rc == RF_OK && m->sentences.n) {
        rc = buf_put(&m->context, " ", 1);
        m->chars++;
    }
    start = m->context.len;
    if (rc == RF_OK)
        rc = buf_put(&m->context, text, len);
    m->chars += chars;
    return rc == RF_OK ? add_span(&m->sentences, start, start + len) : rc;
}

static int add_line(struct maker *m, const struct document_line *line)
{
    switch (line->kind) {
    case LINE_TITLE: return put_string(&m->title, line->text, line->len);
    case LINE_TEXT: return add_sentence(m, line->text, line->len);
    case LINE_BLANK: break;
    }
    return end_document(m);
}

static int read_documents(struct maker *m, struct lines *from, struct progress *progress,
                          struct errbuf *eb)
{
    struct document_lines d = {.lines = from, .titles = m->cfg->titles};
    struct document_line line;
    bool inside = false;
    int rc;

    while ((rc = document_lines_next(&d, &line, eb)) > 0) {
        m->totals->documents += line.kind != LINE_BLANK && !inside;
        inside = line.kind != LINE_BLANK;
        if (add_line(m, &line) != RF_OK) {
            rc = err_nomem(eb);
            break;
        }
        progress_show(progress, lines_consumed(from), NULL);
    }
    if (rc == 0 && end_document(m) != RF_OK)
        rc = err_nomem(eb);
    document_lines_free(&d);
    return rc;
}

static void maker_free(struct maker *m)
{
    words_free(&m->ask);
    words_free(&m->ask_number);
    buf_free(&m->title);
    buf_free(&m->context);
    buf_free(&m->question);
    buf_free(&m->json);
    free(m->sentences.at);
    free(m->words.at);
}

int cloze_text(const struct cloze_cfg *cfg, struct lines *from, FILE *to,
               struct cloze_totals *t, struct progress *progress, struct errbuf *eb)
{
    struct maker m = {.cfg = cfg, .to = to, .totals = t};
    int rc = words_split(&m.ask, cfg->ask, eb);

    if (rc == RF_OK)
        rc = words_split(&m.ask_number, cfg->ask_number, eb);
    if (rc == RF_OK && (m.ask.n == 0 || m.ask_number.n == 0))
        rc = err_set(eb, RF_EUSAGE, "there is no question word");
    if (rc == RF_OK) {
        fputs("{\"version\": \"cloze\", \"data\": [", to);
        rc = read_documents(&m, from, progress, eb);
        fputs("]}\n", to);
    }
    maker_free(&m);
    return rc;
}
