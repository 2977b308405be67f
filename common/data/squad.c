#include "data/squad.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/opt.h"
#include "base/utf8.h"

/* What is open: the next token stands inside it. */
enum state { NO_FILE, DATA, ARTICLE, PARAGRAPHS };

/* A text in `held`. */
struct piece {
    size_t at, len;
};

struct held_answer {
    struct piece text;
    uint64_t start;
};

struct held_question {
    struct piece id, text;
    size_t first, n; /* its answers */
    bool has_answers;
    uint64_t at;
};

struct squad {
    char *const *names;
    int n_names, next_name;
    struct squad_cfg cfg;
    struct input *in;
    struct json *json;
    enum state state;
    bool has_paragraphs; /* of the article that is open */
    uint64_t article;    /* the byte where it begins */
    uint64_t size, consumed;
    /* The context that is read now: */
    struct buf context, held;
    struct buf questions, answers; /* of struct held_question and struct held_answer */
    struct buf out_questions, out_answers;
    struct buf borders; /* of joined paragraphs; size_t */
    uint64_t shift;     /* characters of the article before the paragraph that is read now */
};

static struct held_question *held_questions(const struct squad *s)
{
    return (struct held_question *)(void *)s->questions.data;
}

static size_t count_questions(const struct squad *s)
{
    return s->questions.len / sizeof(struct held_question);
}

/* --- messages */

static int missing(const struct squad *s, const char *key, const char *where, uint64_t at,
                   struct errbuf *eb)
{
    return err_set(eb, RF_EFORMAT, "no '%s' in %s of '%s', byte %llu", key, where,
                   input_name(s->in), (unsigned long long)at);
}

static int wrong_type(const struct squad *s, const char *what, const char *wanted, uint64_t at,
                      struct errbuf *eb)
{
    return err_set(eb, RF_EFORMAT, "%s is no %s in '%s', byte %llu", what, wanted,
                   input_name(s->in), (unsigned long long)at);
}

/* Read the value of a key, which must be of this type. Returns RF_OK or an error. */
static int want(struct squad *s, struct json_token *t, enum json_type type, const char *key,
                struct errbuf *eb)
{
    static const char *const names[] = {[JSON_OBJECT] = "object",
                                        [JSON_ARRAY] = "array",
                                        [JSON_STRING] = "string",
                                        [JSON_NUMBER] = "whole number"};
    char quoted[32];
    int rc = json_next(s->json, t, eb);

    if (rc == (int)type)
        return RF_OK;
    snprintf(quoted, sizeof quoted, "'%s'", key);
    return rc < 0 ? rc : wrong_type(s, quoted, names[type], t->offset, eb);
}

/* Read the next element of an array of objects: 1 if its { was read, 0 at the array's end. */
static int next_object(struct squad *s, struct json_token *t, const char *what,
                       struct errbuf *eb)
{
    int rc = json_next(s->json, t, eb);

    if (rc == JSON_ARRAY_END)
        return 0;
    if (rc == JSON_OBJECT)
        return 1;
    return rc < 0 ? rc : wrong_type(s, what, "object", t->offset, eb);
}

/* --- reading a paragraph */

static int hold(struct squad *s, const struct json_token *t, struct piece *to,
                struct errbuf *eb)
{
    if (t->len >= SQUAD_MAX_BYTES - s->held.len) /* a NUL comes behind it */
        return err_set(eb, RF_ERANGE,
                       "context with questions of over %d MiB in '%s', byte %llu",
                       SQUAD_MAX_BYTES >> 20, input_name(s->in), (unsigned long long)t->offset);
    *to = (struct piece){s->held.len, t->len};
    if (buf_put(&s->held, t->text, t->len) != RF_OK || buf_put(&s->held, "", 1) != RF_OK)
        return err_nomem(eb);
    return RF_OK;
}

/* Read the text of a member, of which `has` becomes true. */
static int hold_member(struct squad *s, const char *name, bool *has, struct piece *to,
                       struct errbuf *eb)
{
    struct json_token t;
    int rc = want(s, &t, JSON_STRING, name, eb);

    *has = true;
    return rc == RF_OK ? hold(s, &t, to, eb) : rc;
}

/* Append a question or an answer to its array. */
static int append(struct squad *s, struct buf *array, const void *item, size_t size,
                  uint64_t at, struct errbuf *eb)
{
    if (size > SQUAD_MAX_BYTES - array->len)
        return err_set(eb, RF_ERANGE, "too many questions in one context of '%s', byte %llu",
                       input_name(s->in), (unsigned long long)at);
    return buf_put(array, item, size) == RF_OK ? RF_OK : err_nomem(eb);
}

/* Read a whole number. One that is negative or too large for any context is no error of the
 * layout: no answer stands there. */
static int read_start(struct squad *s, uint64_t *start, struct errbuf *eb)
{
    struct json_token t;
    char digits[24];
    size_t sign;
    int rc = want(s, &t, JSON_NUMBER, "answer_start", eb);

    if (rc != RF_OK)
        return rc;
    sign = t.text[0] == '-';
    for (size_t i = sign; i < t.len; i++)
        if (t.text[i] < '0' || t.text[i] > '9')
            return wrong_type(s, "'answer_start'", "whole number", t.offset, eb);
    snprintf(digits, sizeof digits, "%.*s", (int)(t.len < sizeof digits ? t.len : 23), t.text);
    if (sign || opt_parse_u64(start, digits) != RF_OK || *start > SQUAD_MAX_BYTES)
        *start = SQUAD_NO_START;
    return RF_OK;
}

/* Read an answer, whose { was read. */
static int read_answer(struct squad *s, uint64_t at, struct errbuf *eb)
{
    struct held_answer answer = {.start = SQUAD_NO_START};
    bool has_text = false, has_start = s->cfg.answers;
    struct json_token t;
    int rc;

    while ((rc = json_next(s->json, &t, eb)) == JSON_KEY) {
        if (json_is(&t, "text")) {
            rc = hold_member(s, "text", &has_text, &answer.text, eb);
        } else if (json_is(&t, "answer_start") && !s->cfg.answers) {
            has_start = true;
            rc = read_start(s, &answer.start, eb);
        } else {
            rc = json_skip(s->json, eb);
        }
        if (rc != RF_OK)
            return rc;
    }
    if (rc < 0)
        return rc;
    if (!has_text || !has_start)
        return missing(s, has_text ? "answer_start" : "text", "an answer", at, eb);
    if (answer.start != SQUAD_NO_START)
        answer.start += s->shift;
    return append(s, &s->answers, &answer, sizeof answer, at, eb);
}

static int read_answers(struct squad *s, struct held_question *q, struct errbuf *eb)
{
    struct json_token t;
    int rc = want(s, &t, JSON_ARRAY, "answers", eb);

    q->has_answers = true;
    q->n = 0;
    q->first = s->answers.len / sizeof(struct held_answer);
    while (rc == RF_OK && (rc = next_object(s, &t, "an answer", eb)) == 1) {
        q->n++;
        rc = read_answer(s, t.offset, eb);
    }
    return rc;
}

/* Read a question, whose { was read. */
static int read_question(struct squad *s, uint64_t at, struct errbuf *eb)
{
    struct held_question q = {.at = at};
    bool has_id = false, has_text = s->cfg.answers;
    struct json_token t;
    int rc;

    while ((rc = json_next(s->json, &t, eb)) == JSON_KEY) {
        if (json_is(&t, "id")) {
            rc = hold_member(s, "id", &has_id, &q.id, eb);
        } else if (json_is(&t, "question") && !s->cfg.answers) {
            rc = hold_member(s, "question", &has_text, &q.text, eb);
        } else if (json_is(&t, "answers")) {
            rc = read_answers(s, &q, eb);
        } else {
            rc = json_skip(s->json, eb);
        }
        if (rc != RF_OK)
            return rc;
    }
    if (rc < 0)
        return rc;
    if (!has_id || !has_text)
        return missing(s, has_id ? "question" : "id", "a question", at, eb);
    return append(s, &s->questions, &q, sizeof q, at, eb);
}

/* Read the context of a paragraph behind the `before` bytes of its article. */
static int read_context(struct squad *s, size_t before, struct errbuf *eb)
{
    struct json_token t;
    int rc = want(s, &t, JSON_STRING, "context", eb);

    if (rc != RF_OK)
        return rc;
    s->context.len = before;
    if (t.len >= SQUAD_MAX_BYTES - before) /* a line feed may come behind it */
        return err_set(eb, RF_ERANGE, "context of over %d MiB in '%s', byte %llu",
                       SQUAD_MAX_BYTES >> 20, input_name(s->in), (unsigned long long)t.offset);
    return buf_put(&s->context, t.text, t.len) == RF_OK ? RF_OK : err_nomem(eb);
}

/* Read a paragraph, whose { was read, behind what the context holds already. */
static int read_paragraph(struct squad *s, uint64_t at, struct errbuf *eb)
{
    bool has_context = s->cfg.answers, has_questions = false;
    size_t before = s->context.len, first = s->questions.len;
    struct json_token t;
    int rc;

    while ((rc = json_next(s->json, &t, eb)) == JSON_KEY) {
        if (json_is(&t, "context") && !s->cfg.answers) {
            has_context = true;
            rc = read_context(s, before, eb);
        } else if (json_is(&t, "qas")) {
            has_questions = true;
            s->questions.len = first;
            rc = want(s, &t, JSON_ARRAY, "qas", eb);
            while (rc == RF_OK && (rc = next_object(s, &t, "a question", eb)) == 1)
                rc = read_question(s, t.offset, eb);
        } else {
            rc = json_skip(s->json, eb);
        }
        if (rc != RF_OK)
            return rc;
    }
    if (rc < 0)
        return rc;
    if (!has_context || !has_questions)
        return missing(s, has_context ? "qas" : "context", "a paragraph", at, eb);
    if (s->cfg.join && s->context.len >= SQUAD_MAX_BYTES)
        return err_set(eb, RF_ERANGE, "context of over %d MiB in '%s', byte %llu",
                       SQUAD_MAX_BYTES >> 20, input_name(s->in), (unsigned long long)at);
    if (s->cfg.join && buf_put(&s->context, "\n", 1) != RF_OK)
        return err_nomem(eb);
    if (s->cfg.join)
        s->shift += utf8_count(s->context.data + before, s->context.len - before);
    if (s->cfg.join && buf_put(&s->borders, &s->context.len, sizeof s->context.len) != RF_OK)
        return err_nomem(eb);
    return RF_OK;
}

/* --- handing out a context */

static void clear_context(struct squad *s)
{
    buf_clear(&s->context);
    buf_clear(&s->held);
    buf_clear(&s->questions);
    buf_clear(&s->answers);
    buf_clear(&s->borders);
    s->shift = 0;
}

/* Make *c what was read, whose texts do not move any more. */
static int give(struct squad *s, struct squad_context *c, struct errbuf *eb)
{
    const struct held_answer *answers = (const void *)s->answers.data;
    const struct held_question *questions = held_questions(s);
    size_t n = count_questions(s), n_answers = s->answers.len / sizeof *answers;
    size_t n_borders = s->borders.len / sizeof(size_t);
    struct squad_question *q;
    struct squad_answer *a;

    buf_clear(&s->out_questions);
    buf_clear(&s->out_answers);
    if (buf_reserve(&s->out_questions, n * sizeof *q) != RF_OK ||
        buf_reserve(&s->out_answers, n_answers * sizeof *a) != RF_OK ||
        buf_reserve(&s->context, 0) != RF_OK)
        return err_nomem(eb);
    q = (void *)s->out_questions.data;
    a = (void *)s->out_answers.data;
    for (size_t i = 0; i < n_answers; i++)
        a[i] = (struct squad_answer){s->held.data + answers[i].text.at, answers[i].text.len,
                                     answers[i].start};
    for (size_t i = 0; i < n; i++)
        q[i] = (struct squad_question){.id = s->held.data + questions[i].id.at,
                                       .text = s->held.data + questions[i].text.at,
                                       .id_len = questions[i].id.len,
                                       .len = questions[i].text.len,
                                       .answers = a + questions[i].first,
                                       .n_answers = questions[i].n,
                                       .has_answers = questions[i].has_answers,
                                       .at = questions[i].at};
    if (s->cfg.join && s->context.len) /* the last paragraph has nothing behind it */
        s->context.len--;
    s->context.data[s->context.len] = '\0';
    *c = (struct squad_context){.text = s->context.data,
                                .len = s->context.len,
                                .questions = q,
                                .n = n,
                                .borders = (const void *)s->borders.data,
                                .n_borders = n_borders ? n_borders - 1 : 0,
                                .file = input_name(s->in)};
    return 1;
}

/* --- reading a file */

/* Open the next file and read it up to the elements of "data". Returns 1, or 0: there is none.
 */
static int open_next(struct squad *s, struct errbuf *eb)
{
    static const struct json_cfg strict = {.invalid = INVALID_REFUSE};
    const char *name = NULL;
    struct json_token t;
    uint64_t at;
    int rc;

    if (s->next_name == (s->n_names ? s->n_names : 1))
        return 0;
    if (s->n_names)
        name = s->names[s->next_name];
    s->next_name++;
    if ((rc = input_open(&s->in, name, INPUT_TEXT, eb)) != RF_OK ||
        (rc = json_open(&s->json, s->in, &strict, eb)) != RF_OK ||
        (rc = json_next(s->json, &t, eb)) < 0)
        return rc;
    at = t.offset;
    if (rc != JSON_OBJECT)
        return wrong_type(s, "the value", "object", at, eb);
    while ((rc = json_next(s->json, &t, eb)) == JSON_KEY) {
        if (json_is(&t, "data")) {
            rc = want(s, &t, JSON_ARRAY, "data", eb);
            s->state = DATA;
            return rc == RF_OK ? 1 : rc;
        }
        if ((rc = json_skip(s->json, eb)) != RF_OK)
            return rc;
    }
    return rc < 0 ? rc : missing(s, "data", "the object", at, eb);
}

/* Read a file behind its "data", and close it. */
static int close_file(struct squad *s, struct errbuf *eb)
{
    struct json_token t;
    int rc;

    while ((rc = json_next(s->json, &t, eb)) == JSON_KEY) {
        if (json_is(&t, "data"))
            return err_set(eb, RF_EFORMAT, "'data' for the second time in '%s', byte %llu",
                           input_name(s->in), (unsigned long long)t.offset);
        if ((rc = json_skip(s->json, eb)) != RF_OK)
            return rc;
    }
    if (rc == JSON_OBJECT_END)
        rc = json_next(s->json, &t, eb); /* nothing may follow */
    if (rc < 0)
        return rc;
    s->consumed += input_consumed(s->in);
    json_close(s->json);
    input_close(s->in);
    s->json = NULL;
    s->in = NULL;
    s->state = NO_FILE;
    return RF_OK;
}

/* Begin the next article or end "data". */
static int next_article(struct squad *s, struct errbuf *eb)
{
    struct json_token t;
    int rc = next_object(s, &t, "an article", eb);

    if (rc == 0)
        return close_file(s, eb);
    if (rc < 0)
        return rc;
    s->state = ARTICLE;
    s->has_paragraphs = false;
    s->article = t.offset;
    clear_context(s);
    return RF_OK;
}

/* Read a member of an article, or its end. */
static int next_member(struct squad *s, struct errbuf *eb)
{
    struct json_token t;
    int rc = json_next(s->json, &t, eb);

    if (rc < 0)
        return rc;
    if (rc == JSON_OBJECT_END) {
        s->state = DATA;
        return s->has_paragraphs ? RF_OK
                                 : missing(s, "paragraphs", "an article", s->article, eb);
    }
    if (!json_is(&t, "paragraphs"))
        return json_skip(s->json, eb);
    if (s->has_paragraphs)
        return err_set(eb, RF_EFORMAT, "'paragraphs' for the second time in '%s', byte %llu",
                       input_name(s->in), (unsigned long long)t.offset);
    s->has_paragraphs = true;
    s->state = PARAGRAPHS;
    return want(s, &t, JSON_ARRAY, "paragraphs", eb);
}

/* Read a paragraph, or the end of the article's paragraphs. */
static int next_paragraph(struct squad *s, struct errbuf *eb)
{
    struct json_token t;
    int rc = next_object(s, &t, "a paragraph", eb);

    if (rc == 0)
        s->state = ARTICLE;
    if (rc != 1)
        return rc;
    if (!s->cfg.join)
        clear_context(s);
    return read_paragraph(s, t.offset, eb);
}

int squad_next(struct squad *s, struct squad_context *c, struct errbuf *eb)
{
    int rc = RF_OK;

    while (rc == RF_OK) {
        bool whole = false; /* a context has just ended */

        switch (s->state) {
        case NO_FILE:
            if ((rc = open_next(s, eb)) == 0)
                return 0;
            rc = rc == 1 ? RF_OK : rc;
            break;
        case DATA: rc = next_article(s, eb); break;
        case ARTICLE:
            rc = next_member(s, eb);
            whole = s->cfg.join && s->state == DATA;
            break;
        case PARAGRAPHS:
            rc = next_paragraph(s, eb);
            whole = !s->cfg.join && s->state == PARAGRAPHS;
            break;
        }
        if (rc == RF_OK && whole && count_questions(s))
            return give(s, c, eb);
    }
    return rc;
}

int squad_open(struct squad **out, char *const *names, int n, const struct squad_cfg *cfg,
               struct errbuf *eb)
{
    uint64_t size = 0;
    struct squad *s;
    int rc = inputs_try(names, n, &size, eb);

    if (rc != RF_OK)
        return rc;
    if (!(s = calloc(1, sizeof *s)))
        return err_nomem(eb);
    s->names = names;
    s->n_names = n;
    s->cfg = *cfg;
    s->size = size;
    *out = s;
    return RF_OK;
}

uint64_t squad_size(const struct squad *s)
{
    return s->size;
}

uint64_t squad_consumed(const struct squad *s)
{
    return s->consumed + (s->in ? input_consumed(s->in) : 0);
}

void squad_close(struct squad *s)
{
    if (!s)
        return;
    json_close(s->json);
    input_close(s->in);
    buf_free(&s->context);
    buf_free(&s->held);
    buf_free(&s->questions);
    buf_free(&s->answers);
    buf_free(&s->borders);
    buf_free(&s->out_questions);
    buf_free(&s->out_answers);
    free(s);
}
