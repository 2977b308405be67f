#include "data/squad_features.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

struct squad_features {
    struct wordpiece *w;
    struct special_ids special;
    struct squad_feature_cfg cfg;
    const char *text; /* the context */
    size_t len;
    const size_t *borders; /* where its paragraphs but the first begin */
    size_t n_borders;
    struct ids context, question, sequence;
    struct buf spans; /* of the context's tokens, struct span */
    struct buf bytes; /* the byte where each character of the context starts, and its end;
                         uint32_t */
};

int squad_features_new(struct squad_features **out, struct wordpiece *w, const struct vocab *v,
                       const struct squad_feature_cfg *cfg, struct errbuf *eb)
{
    struct special_ids special = vocab_special(v);
    struct squad_features *f;

    if (special.cls < 0 || special.sep < 0)
        return err_set(eb, RF_EINVAL, "the vocabulary lacks [CLS] or [SEP]");
    if (cfg->max_len <= cfg->max_query + SQUAD_EDGES)
        return err_set(eb, RF_EINVAL,
                       "sequences of %llu tokens leave no room for a context behind questions "
                       "of %llu and %d special tokens",
                       (unsigned long long)cfg->max_len, (unsigned long long)cfg->max_query,
                       SQUAD_EDGES);
    if (!(f = calloc(1, sizeof *f)))
        return err_nomem(eb);
    f->w = w;
    f->special = special;
    f->cfg = *cfg;
    *out = f;
    return RF_OK;
}

void squad_features_free(struct squad_features *f)
{
    if (!f)
        return;
    free(f->context.ids);
    free(f->question.ids);
    free(f->sequence.ids);
    buf_free(&f->spans);
    buf_free(&f->bytes);
    free(f);
}

static const struct span *spans(const struct squad_features *f)
{
    return (const struct span *)(const void *)f->spans.data;
}

/* --- context and question */

static int find_characters(struct squad_features *f)
{
    uint32_t at;

    buf_clear(&f->bytes);
    for (at = 0; at < f->len; at++)
        if ((f->text[at] & 0xC0) != 0x80 && buf_put(&f->bytes, &at, sizeof at) != RF_OK)
            return RF_ENOMEM;
    return buf_put(&f->bytes, &at, sizeof at);
}

/* Returns the byte where character `at` starts; SIZE_MAX if the context has fewer. */
static size_t byte_of(const struct squad_features *f, uint64_t at)
{
    uint32_t byte;

    if (at >= f->bytes.len / sizeof byte)
        return SIZE_MAX;
    memcpy(&byte, f->bytes.data + at * sizeof byte, sizeof byte);
    return byte;
}

int squad_features_context(struct squad_features *f, const struct squad_context *c)
{
    f->text = c->text;
    f->len = c->len;
    f->borders = c->borders;
    f->n_borders = c->n_borders;
    f->context.n = f->question.n = 0;
    buf_clear(&f->spans);
    if (find_characters(f) != RF_OK)
        return RF_ENOMEM;
    return wordpiece_encode_spans(f->w, &f->context, &f->spans, c->text, c->len);
}

int squad_features_question(struct squad_features *f, const char *text, size_t len, bool *cut)
{
    int rc;

    f->question.n = 0;
    rc = wordpiece_encode(f->w, &f->question, text, len);
    *cut = f->question.n > f->cfg.max_query;
    if (*cut)
        f->question.n = f->cfg.max_query;
    return rc;
}

size_t squad_features_tokens(const struct squad_features *f)
{
    return f->context.n;
}

/* --- answers */

/* Returns whether the bytes from `at` to before `end` have no line feed that joins paragraphs.
 */
static bool in_one_paragraph(const struct squad_features *f, size_t at, size_t end)
{
    size_t first = 0, last = f->n_borders;

    /* The first paragraph that begins behind `at`, by halving [first, last). */
    while (first < last) {
        size_t half = first + (last - first) / 2;

        if (f->borders[half] > at)
            last = half;
        else
            first = half + 1;
    }
    return first == f->n_borders || end < f->borders[first];
}

bool squad_features_whole(const struct squad_features *f, struct squad_span span)
{
    return f->n_borders == 0 || in_one_paragraph(f, byte_of(f, spans(f)[span.first].a),
                                                 byte_of(f, spans(f)[span.last].b));
}

bool squad_features_stands(const struct squad_features *f, uint64_t start, const char *text,
                           size_t len)
{
    size_t at = byte_of(f, start);

    return at <= f->len && len <= f->len - at && memcmp(f->text + at, text, len) == 0 &&
           in_one_paragraph(f, at, at + len);
}

bool squad_features_answer(const struct squad_features *f, uint64_t start, const char *text,
                           size_t len, struct squad_span *span)
{
    const struct span *s = spans(f);
    uint64_t end = start + utf8_count(text, len);
    size_t first = 0, last = f->context.n;

    if (!squad_features_stands(f, start, text, len))
        return false;
    /* The first token that ends behind the start, by halving [first, last). */
    while (first < last) {
        size_t half = first + (last - first) / 2;

        if (s[half].b > start)
            last = half;
        else
            first = half + 1;
    }
    for (last = first; last < f->context.n && s[last].a < end;)
        last++;
    *span = (struct squad_span){first, last - 1};
    return last > first;
}

const char *squad_features_text(const struct squad_features *f, struct squad_span span,
                                size_t *len)
{
    size_t at = byte_of(f, spans(f)[span.first].a);

    *len = byte_of(f, spans(f)[span.last].b) - at;
    return f->text + at;
}

/* --- windows */

/* Returns how many tokens of the context a window can have. */
static size_t room(const struct squad_features *f)
{
    return f->cfg.max_len - f->question.n - SQUAD_EDGES;
}

/* Returns how many tokens a window starts behind the one before. */
static size_t step(const struct squad_features *f)
{
    return f->cfg.stride < room(f) ? f->cfg.stride : room(f);
}

size_t squad_features_windows(const struct squad_features *f)
{
    if (f->context.n <= room(f))
        return f->context.n > 0;
    return 1 + (f->context.n - room(f) + step(f) - 1) / step(f);
}

struct squad_span squad_features_window(const struct squad_features *f, size_t i)
{
    size_t first = i * step(f), left = f->context.n - first;

    return (struct squad_span){first, first + (left < room(f) ? left : room(f)) - 1};
}

size_t squad_features_best_window(const struct squad_features *f, size_t token)
{
    size_t best = 0, n = squad_features_windows(f);
    double best_score = -1;

    /* Windows before the first one here end before the token. */
    for (size_t i = token < room(f) ? 0 : (token - room(f)) / step(f) + 1; i < n; i++) {
        struct squad_span window = squad_features_window(f, i);
        /* Stored before it is added, as in run_squad, so that ties are the same. */
        volatile double share = 0.01 * (double)(window.last - window.first + 1);
        size_t left = token - window.first, right = window.last - token;
        double score;

        if (window.first > token)
            break;
        score = (double)(left < right ? left : right) + share;
        if (score > best_score) {
            best_score = score;
            best = i;
        }
    }
    return best;
}

int squad_features_sequence(struct squad_features *f, size_t i, const int32_t **ids, size_t *n,
                            size_t *passage)
{
    struct squad_span window = squad_features_window(f, i);
    struct ids *to = &f->sequence;

    to->n = 0;
    if (ids_put(to, &f->special.cls, 1) != RF_OK ||
        ids_put(to, f->question.ids, f->question.n) != RF_OK ||
        ids_put(to, &f->special.sep, 1) != RF_OK ||
        ids_put(to, f->context.ids + window.first, window.last - window.first + 1) != RF_OK ||
        ids_put(to, &f->special.sep, 1) != RF_OK)
        return RF_ENOMEM;
    *ids = to->ids;
    *n = to->n;
    *passage = f->question.n + 2;
    return RF_OK;
}
