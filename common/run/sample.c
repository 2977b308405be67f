#include "run/sample.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_put.h"
#include "base/rng.h"
#include "model/decode.h"
#include "run/sample_text.h"

/* Why a sample ends; the words are those of the JSON objects. */
enum ending { GOES_ON, AT_DOCUMENT, AT_STOP, AT_TOKENS, AT_LENGTH };
static const char *const endings[] = {NULL, "document", "stop", "tokens", "length"};

struct sample {
    struct sample_text text;
    struct ids ids; /* all tokens, the prompt's first */
    double *log_p;  /* [tokens] of those that were drawn */
    size_t drawn;
    double sum; /* of log_p */
    enum ending ending;
};

struct sampler {
    const struct run_model *run;
    const struct sample_cfg *cfg;
    struct ckpt_state state;
    bool slow;                /* each token takes a whole forward pass */
    struct model_past *past;  /* NULL: none yet */
    size_t prompt_room, more; /* of it, in tokens: of the prompt, of each sample behind it */
    struct draw **draws;      /* [threads] */
    int threads;
    struct sample *samples; /* [cfg->samples] */
    struct ids prompt;
    size_t last_line; /* where the prompt's last line begins */
    float *logits;    /* [samples,V] */
    int32_t *next;    /* [samples] */
    struct sample_totals totals;
};

static bool take_memory(struct sampler *s)
{
    size_t n = s->cfg->samples, V = s->state.vocab_size;

    s->samples = calloc(n, sizeof *s->samples);
    s->logits = calloc(n * V, sizeof *s->logits);
    s->next = calloc(n, sizeof *s->next);
    s->draws = calloc((size_t)s->threads, sizeof(struct draw *));
    for (size_t i = 0; s->samples && i < n; i++) {
        s->samples[i].text = (struct sample_text){.vocab = s->run->vocab, .stop = s->cfg->stop};
        if (!(s->samples[i].log_p = calloc(s->state.max_len, sizeof(double))))
            return false;
    }
    return s->samples && s->logits && s->next && s->draws;
}

int sampler_new(struct sampler **out, const struct run_model *m, const struct sample_cfg *cfg,
                struct errbuf *eb)
{
    int rc = run_need_causal(m, eb);
    struct sampler *s;

    if (rc != RF_OK)
        return rc;
    if (!(s = calloc(1, sizeof *s)))
        return err_nomem(eb);
    s->run = m;
    s->cfg = cfg;
    s->state = *ckpt_state(m->ckpt);
    s->threads = cfg->samples < (uint64_t)m->nn->threads ? (int)cfg->samples : m->nn->threads;
    rc = take_memory(s) ? RF_OK : err_nomem(eb);
    for (int i = 0; i < s->threads && rc == RF_OK; i++)
        rc = draw_new(&s->draws[i], s->state.vocab_size, eb);
    s->slow = cfg->exact || model_past_bar(&m->cfg.model, s->state.max_len);
    if (rc != RF_OK) {
        sampler_free(s);
        return rc;
    }
    *out = s;
    return RF_OK;
}

void sampler_free(struct sampler *s)
{
    if (!s)
        return;
    for (size_t i = 0; s->samples && i < s->cfg->samples; i++) {
        sample_text_free(&s->samples[i].text);
        free(s->samples[i].ids.ids);
        free(s->samples[i].log_p);
    }
    free(s->samples);
    free(s->prompt.ids);
    free(s->logits);
    free(s->next);
    for (int i = 0; s->draws && i < s->threads; i++)
        draw_free(s->draws[i]);
    free(s->draws);
    model_past_free(s->past);
    free(s);
}

const char *sampler_bar(const struct sampler *s)
{
    return model_past_bar(&s->run->cfg.model, s->state.max_len);
}

struct sample_totals sampler_totals(const struct sampler *s)
{
    return s->totals;
}

/* --- a prompt */

static int put_line(struct sampler *s, const char *text, size_t len, const char *name,
                    uint64_t number, struct errbuf *eb)
{
    struct wordpiece *w = s->run->encoder;
    uint64_t unknown = wordpiece_unknown(w);

    s->last_line = s->prompt.n;
    if (wordpiece_encode(w, &s->prompt, text, len) != RF_OK)
        return err_nomem(eb);
    if (wordpiece_unknown(w) != unknown)
        return err_set(eb, RF_EINVAL,
                       "'%s', line %llu: the vocabulary has no tokens for a word of the prompt",
                       name, (unsigned long long)number);
    return RF_OK;
}

/* [CLS] line [SEP] line: a text that ends with the end of a line ends with [SEP]. */
static int put_prompt(struct sampler *s, const char *text, size_t len, const char *name,
                      uint64_t number, struct errbuf *eb)
{
    const struct special_ids *special = &s->state.special;
    const char *end = text + len, *next;
    int rc;

    s->prompt.n = 0;
    if (ids_put(&s->prompt, &special->cls, 1) != RF_OK)
        return err_nomem(eb);
    for (;; text = next + 1) {
        next = memchr(text, '\n', (size_t)(end - text));
        rc = put_line(s, text, (size_t)((next ? next : end) - text), name, number, eb);
        if (rc != RF_OK || !next)
            break;
        if (ids_put(&s->prompt, &special->sep, 1) != RF_OK)
            return err_nomem(eb);
    }
    if (rc == RF_OK && s->prompt.n >= s->state.max_len)
        rc = err_set(eb, RF_EINVAL,
                     "'%s', line %llu: a prompt of %zu tokens leaves no room in %llu", name,
                     (unsigned long long)number, s->prompt.n,
                     (unsigned long long)s->state.max_len);
    return rc;
}

static int begin_samples(struct sampler *s, struct errbuf *eb)
{
    int rc = RF_OK;

    for (size_t i = 0; i < s->cfg->samples && rc == RF_OK; i++) {
        struct sample *a = &s->samples[i];

        sample_text_free(&a->text);
        a->ids.n = a->drawn = 0;
        a->sum = 0;
        a->ending = GOES_ON;
        rc = ids_put(&a->ids, s->prompt.ids, s->prompt.n) == RF_OK ? RF_OK : err_nomem(eb);
        if (rc == RF_OK)
            rc = sample_text_begin(&a->text, s->prompt.ids + s->last_line,
                                   s->prompt.n - s->last_line, eb);
    }
    return rc;
}

/* --- tokens */

/* The logits that follow the tokens of a sample, by all of them. */
static int whole_forward(struct sampler *s, const struct ids *ids, float *logits,
                         struct errbuf *eb)
{
    int32_t last = (int32_t)ids->n - 1;
    const struct model_batch b = {.B = 1, .T = ids->n, .ids = ids->ids, .rows = &last, .n = 1};

    return model_logits(s->run->model, &b, &s->run->draw, NULL, logits, eb);
}

/* Room for the prompt and what follows it: a short text takes little memory. */
static int make_room(struct sampler *s, struct errbuf *eb)
{
    size_t room =
        (size_t)fmin((double)s->state.max_len, (double)s->prompt.n + (double)s->cfg->tokens);

    if (s->past && s->prompt.n <= s->prompt_room && room - s->prompt.n <= s->more)
        return RF_OK;
    model_past_free(s->past);
    s->past = NULL;
    s->prompt_room = s->prompt.n;
    s->more = room - s->prompt.n;
    return model_past_new(&s->past, s->run->model, s->cfg->samples, s->prompt_room, s->more,
                          &s->run->draw, eb);
}

/* The logits that follow the prompt, for every sample. */
static int first_logits(struct sampler *s, struct errbuf *eb)
{
    size_t V = s->state.vocab_size;
    int rc;

    if (s->slow)
        rc = whole_forward(s, &s->prompt, s->logits, eb);
    else if ((rc = make_room(s, eb)) == RF_OK)
        rc = model_prefill(s->past, s->prompt.ids, s->prompt.n, s->logits, eb);
    for (size_t i = 1; i < s->cfg->samples && rc == RF_OK; i++)
        memcpy(s->logits + i * V, s->logits, V * sizeof *s->logits);
    return rc;
}

static int next_logits(struct sampler *s, struct errbuf *eb)
{
    int rc = RF_OK;

    if (!s->slow)
        return model_step(s->past, s->next, s->logits, eb);
    for (size_t i = 0; i < s->cfg->samples && rc == RF_OK; i++)
        if (s->samples[i].ending == GOES_ON)
            rc = whole_forward(s, &s->samples[i].ids, s->logits + i * s->state.vocab_size, eb);
    return rc;
}

/* Of the special tokens [SEP] ends a line, and [CLS] begins the next document; the others are
 * no text. A line does not begin with what continues a word. */
static void forbid(const struct sampler *s, const struct ids *ids, float *logits)
{
    const struct special_ids *special = &s->state.special;
    const int32_t none[] = {special->pad, special->unk, special->mask};
    int32_t last = ids->ids[ids->n - 1];
    bool begins = last == special->cls || last == special->sep;

    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (none[i] >= 0)
            logits[none[i]] = -INFINITY;
    for (size_t i = 0; begins && i < s->state.vocab_size; i++)
        if (strncmp(vocab_token(s->run->vocab, (int32_t)i, NULL), "##", 2) == 0)
            logits[i] = -INFINITY;
}

/* Draw the next token of sample i, whose logits are there. RF_OK or RF_ENAN. */
static int draw_next(struct sampler *s, struct draw *draw, size_t i)
{
    struct sample *a = &s->samples[i];
    float *logits = s->logits + i * s->state.vocab_size;
    struct rng r = rng_stream(s->cfg->seed, s->totals.prompts, (uint32_t)i, RNG_SAMPLE);
    double u = (double)(rng_u64(r, a->drawn) >> 11) * 0x1p-53;

    forbid(s, &a->ids, logits);
    return draw_token(draw, &s->cfg->draw, logits, a->ids.ids, a->ids.n, u, &s->next[i],
                      &a->log_p[a->drawn], NULL);
}

/* Take the token that was drawn. */
static int go_on(struct sampler *s, size_t i, struct errbuf *eb)
{
    struct sample *a = &s->samples[i];
    int32_t id = s->next[i];
    int rc;

    a->sum += a->log_p[a->drawn++];
    s->totals.tokens++;
    if (id == s->state.special.cls) {
        a->ending = AT_DOCUMENT;
        return RF_OK;
    }
    if (ids_put(&a->ids, &id, 1) != RF_OK)
        return err_nomem(eb);
    rc = sample_text_put(&a->text, id, id == s->state.special.sep, eb);
    if (a->text.ended)
        a->ending = AT_STOP;
    else if (a->ids.n >= s->state.max_len)
        a->ending = AT_LENGTH;
    else if (a->drawn >= s->cfg->tokens)
        a->ending = AT_TOKENS;
    return rc;
}

/* --- output */

static int put_token(const struct sampler *s, const struct sample *a, size_t k, struct buf *to)
{
    int32_t id =
        k + s->prompt.n < a->ids.n ? a->ids.ids[k + s->prompt.n] : s->state.special.cls;
    size_t len;
    const char *token = vocab_token(s->run->vocab, id, &len);

    if (buf_put(to, k ? ",[" : "[", k ? 2 : 1) != RF_OK ||
        json_put_string(to, token, len, JSON_LETTERS) != RF_OK ||
        buf_put(to, ",", 1) != RF_OK || json_put_real(to, a->log_p[k], 6) != RF_OK)
        return RF_ENOMEM;
    return buf_put(to, "]", 1);
}

static int put_object(const struct sampler *s, size_t i, uint64_t number, struct buf *to)
{
    const struct sample *a = &s->samples[i];
    int rc;

    if (buf_printf(to, "{\"line\":%llu,\"sample\":%zu,\"text\":", (unsigned long long)number,
                   i + 1) != RF_OK ||
        json_put_string(to, a->text.text.data ? a->text.text.data : "", a->text.text.len,
                        JSON_LETTERS) != RF_OK ||
        buf_printf(to, ",\"end\":\"%s\",\"tokens\":%zu,\"logprob\":", endings[a->ending],
                   a->drawn) != RF_OK ||
        json_put_real(to, a->sum, 9) != RF_OK)
        return RF_ENOMEM;
    rc = s->cfg->logprobs ? buf_printf(to, ",\"logprobs\":[") : RF_OK;
    for (size_t k = 0; s->cfg->logprobs && k < a->drawn && rc == RF_OK; k++)
        rc = put_token(s, a, k, to);
    if (rc == RF_OK && s->cfg->logprobs)
        rc = buf_put(to, "]", 1);
    return rc == RF_OK ? buf_put(to, "}\n", 2) : rc;
}

static int write_objects(const struct sampler *s, uint64_t number, FILE *to, struct errbuf *eb)
{
    struct buf b = {0};
    int rc = RF_OK;

    for (size_t i = 0; i < s->cfg->samples && rc == RF_OK; i++)
        rc = put_object(s, i, number, &b);
    if (rc == RF_OK)
        fwrite(b.data, 1, b.len, to); /* closing it says whether that went well */
    buf_free(&b);
    return rc == RF_OK ? RF_OK : err_nomem(eb);
}

static void put(const struct buf *t, size_t from, size_t to_byte, FILE *to)
{
    if (to_byte > from)
        fwrite(t->data + from, 1, to_byte - from, to);
}

/* A sample as a text of its own: an empty line stands between two. */
static void begin_text(const struct sampler *s, const char *text, size_t len, FILE *to)
{
    if (s->totals.samples)
        fputc('\n', to);
    fwrite(text, 1, len, to);
}

/* Its last line ends too. */
static void end_text(struct sampler *s, const struct buf *t, const char *text, size_t len,
                     FILE *to)
{
    char last = t->len ? t->data[t->len - 1] : len ? text[len - 1] : ' ';

    if (last != '\n')
        fputc('\n', to);
    s->totals.samples++;
}

/* Draw a token of each sample that goes on; false: none does any more. */
static bool go_on_all(struct sampler *s, int *rc, struct errbuf *eb)
{
    bool any = false;
    int failed = RF_OK;

#pragma omp parallel for num_threads(s->threads) if (s->threads > 1) reduction(max : failed)
    for (size_t i = 0; i < s->cfg->samples; i++)
        if (s->samples[i].ending == GOES_ON &&
            draw_next(s, s->draws[omp_get_thread_num()], i) != RF_OK)
            failed = 1;
    if (failed)
        *rc = err_set(eb, RF_ENAN, "what the model says is no number");
    for (size_t i = 0; i < s->cfg->samples && *rc == RF_OK; i++) {
        if (s->samples[i].ending == GOES_ON)
            *rc = go_on(s, i, eb);
        if (s->samples[i].ending != GOES_ON)
            sample_text_end(&s->samples[i].text);
        else
            any = true;
    }
    return any && *rc == RF_OK;
}

/* Draw all tokens. The text of a single sample is written as it comes: up to *shown. */
static int draw_all(struct sampler *s, bool streams, size_t *shown, FILE *to, struct errbuf *eb)
{
    const struct sample_text *first = &s->samples[0].text;
    int rc = first_logits(s, eb);
    bool any = rc == RF_OK;

    while (any) {
        any = go_on_all(s, &rc, eb);
        if (streams) {
            put(&first->text, *shown, first->settled, to);
            *shown = first->settled;
            fflush(to);
        }
        if (any)
            rc = next_logits(s, eb);
        any = any && rc == RF_OK;
    }
    return rc;
}

int sampler_write(struct sampler *s, const char *text, size_t len, const char *name,
                  uint64_t number, FILE *to, struct errbuf *eb)
{
    bool streams = s->cfg->samples == 1 && !s->cfg->json;
    size_t shown = 0;
    int rc = put_prompt(s, text, len, name, number, eb);

    if (rc == RF_OK)
        rc = begin_samples(s, eb);
    if (rc == RF_OK && streams)
        begin_text(s, text, len, to);
    if (rc == RF_OK)
        rc = draw_all(s, streams, &shown, to, eb);
    if (rc == RF_ENAN)
        rc = err_set(eb, rc, "'%s', line %llu: what the model says is no number", name,
                     (unsigned long long)number);
    s->totals.prompts++;
    if (rc != RF_OK)
        return rc;
    if (s->cfg->json) {
        s->totals.samples += s->cfg->samples;
        return write_objects(s, number, to, eb);
    }
    for (size_t i = 0; i < s->cfg->samples; i++) {
        const struct buf *t = &s->samples[i].text.text;

        if (!streams) {
            begin_text(s, text, len, to);
            put(t, 0, t->len, to);
        }
        end_text(s, t, text, len, to);
    }
    return RF_OK;
}

/* --- lines */

int sampler_write_lines(struct sampler *s, struct lines *l, FILE *to, struct errbuf *eb)
{
    struct buf document = {0};
    const char *text;
    size_t len;
    int rc;

    while ((rc = lines_next(l, &text, &len, eb)) == 1) {
        bool inside = lines_inside(l); /* of a document of JSON lines, which is one prompt */

        if (inside || document.len) {
            if ((document.len && len && buf_put(&document, "\n", 1) != RF_OK) ||
                buf_put(&document, text, len) != RF_OK) {
                rc = err_nomem(eb);
                break;
            }
            if (inside)
                continue;
            text = document.data;
            len = document.len;
        }
        rc = sampler_write(s, text, len, lines_name(l), lines_number(l), to, eb);
        buf_clear(&document);
        if (rc != RF_OK)
            break;
    }
    buf_free(&document);
    return rc;
}
