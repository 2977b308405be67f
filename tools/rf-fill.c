/* rf-fill: the best words for [MASK] in lines of text. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/par.h"
#include "base/tool.h"
#include "data/wordpiece.h"
#include "reformer/trained.h"

struct cfg {
    const char *model, *vocab, *output;
    struct wordpiece_cfg wordpiece;
    struct text_cfg text;
    uint64_t top, threads;
};

static const struct opt opts[] = {
    OPT_FILE('m', "model", struct cfg, model, "checkpoint, or a run: its newest one"),
    OPT_FILE('V', "vocab", struct cfg, vocab, "vocabulary, rf-vocab(5)"),
    OPT_FILE('o', "output", struct cfg, output, "filled lines (standard output)"),
    OPT_COUNT('k', "top", struct cfg, top, 0, 1e6, "n",
              "print the n best for each [MASK] instead; 0: fill in"),
    OPT_FLAG(0, "lower-case", struct cfg, wordpiece.lower_case, "put text into lower case"),
    OPT_FLAG(0, "strip-accents", struct cfg, wordpiece.strip_accents,
             "decompose text and drop accents"),
    TEXT_ROWS(struct cfg, text),
    OPT_THREADS(struct cfg, threads),
    OPT_END};

static const struct tool tool = {.name = "rf-fill",
                                 .brief = "Fill in the [MASK]s of lines of text.",
                                 .operands = "[file ...]",
                                 .max_operands = 1 << 20,
                                 .opts = opts};
static const char mask_text[] = "[MASK]";

struct filler {
    const struct cfg *cfg;
    struct vocab *vocab;
    struct wordpiece *encoder;
    struct ckpt *ckpt;
    struct nn *nn;
    struct model *model;
    struct model_draw draw;
    struct special_ids special;
    size_t V;
    struct ids ids; /* of the line in hand */
    int32_t *rows;  /* [max_len] where its masks stand */
    size_t masks;
    float *logits;     /* [masks,V] */
    size_t logits_cap; /* in rows */
    struct buf line;   /* what it becomes */
    uint64_t filled;
};

static int open_model(struct filler *f, struct errbuf *eb)
{
    const struct cfg *cfg = f->cfg;
    int rc = ckpt_open(&f->ckpt, cfg->model, NULL, eb);

    if (rc != RF_OK || (rc = vocab_read(&f->vocab, cfg->vocab, NULL, eb)) != RF_OK)
        return rc;
    if (memcmp(ckpt_state(f->ckpt)->vocab_digest, vocab_digest(f->vocab), CKPT_DIGEST_BYTES) !=
        0)
        return err_set(eb, RF_EINVAL, "'%s' is not the vocabulary that '%s' was trained with",
                       cfg->vocab, ckpt_path(f->ckpt));
    f->V = vocab_size(f->vocab);
    f->special = vocab_special(f->vocab);
    if (f->special.mask < 0 || f->special.cls < 0 || f->special.sep < 0)
        return err_set(eb, RF_EINVAL, "'%s' lacks [MASK], [CLS] or [SEP]", cfg->vocab);
    if (!(f->rows = calloc(ckpt_state(f->ckpt)->max_len, sizeof *f->rows)))
        return err_nomem(eb);
    if ((rc = wordpiece_new(&f->encoder, f->vocab, &cfg->wordpiece, eb)) != RF_OK ||
        (rc = nn_open(&f->nn, NN_CPU, par_threads(cfg->threads), eb)) != RF_OK)
        return rc;
    return trained_open(&f->model, &f->draw, f->nn, f->ckpt, NULL, 1, false, eb);
}

static void close_model(struct filler *f)
{
    model_free(f->model);
    nn_close(f->nn);
    wordpiece_free(f->encoder);
    vocab_free(f->vocab);
    ckpt_close(f->ckpt);
    free(f->rows);
    free(f->logits);
    free(f->ids.ids);
    buf_free(&f->line);
}

/* [CLS] line [SEP] into f->ids, the places of [MASK] into f->rows. */
static int encode(struct filler *f, const char *text, size_t len, struct errbuf *eb)
{
    size_t max_len = ckpt_state(f->ckpt)->max_len;

    f->ids.n = f->masks = 0;
    if (ids_put(&f->ids, &f->special.cls, 1) != RF_OK ||
        wordpiece_encode(f->encoder, &f->ids, text, len) != RF_OK ||
        ids_put(&f->ids, &f->special.sep, 1) != RF_OK)
        return err_nomem(eb);
    if (f->ids.n > max_len)
        return err_set(eb, RF_ERANGE, "a line of %zu tokens, the model takes %zu", f->ids.n - 2,
                       max_len - 2);
    for (size_t i = 0; i < f->ids.n; i++)
        if (f->ids.ids[i] == f->special.mask)
            f->rows[f->masks++] = (int32_t)i;
    return RF_OK;
}

/* Logits of each mask; no candidate for a mask is a special token. */
static int predict(struct filler *f, struct errbuf *eb)
{
    const int32_t never[] = {f->special.pad, f->special.unk, f->special.cls, f->special.sep,
                             f->special.mask};
    struct model_batch b = {
        .B = 1, .T = f->ids.n, .ids = f->ids.ids, .rows = f->rows, .n = f->masks};
    int rc;

    if (f->masks > f->logits_cap) {
        free(f->logits);
        f->logits_cap = 0;
        if (!(f->logits = calloc(f->masks * f->V, sizeof *f->logits)))
            return err_nomem(eb);
        f->logits_cap = f->masks;
    }
    if ((rc = model_logits(f->model, &b, &f->draw, NULL, f->logits, eb)) != RF_OK)
        return rc;
    for (size_t i = 0; i < f->masks; i++)
        for (size_t j = 0; j < sizeof never / sizeof *never; j++)
            if (never[j] >= 0)
                f->logits[i * f->V + (size_t)never[j]] = -INFINITY;
    return RF_OK;
}

static size_t best(const float *logits, size_t n)
{
    size_t at = 0;

    for (size_t i = 1; i < n; i++)
        if (logits[i] > logits[at])
            at = i;
    return at;
}

/* The line with each [MASK] replaced; "##piece" is joined to what stands before it. */
static int fill(struct filler *f, const char *text, size_t len)
{
    const char *end = text + len;

    for (size_t i = 0; i < f->masks; i++) {
        const char *at = memmem(text, (size_t)(end - text), mask_text, strlen(mask_text)),
                   *word;
        size_t n;

        if (!at)
            break;
        word = vocab_token(f->vocab, (int32_t)best(f->logits + i * f->V, f->V), &n);
        if (buf_put(&f->line, text, (size_t)(at - text)) != RF_OK)
            return RF_ENOMEM;
        if (n > 2 && strncmp(word, "##", 2) == 0) {
            while (f->line.len && f->line.data[f->line.len - 1] == ' ')
                f->line.len--;
            word += 2;
        }
        if (buf_put(&f->line, word, strlen(word)) != RF_OK)
            return RF_ENOMEM;
        text = at + strlen(mask_text);
    }
    if (buf_put(&f->line, text, (size_t)(end - text)) != RF_OK)
        return RF_ENOMEM;
    return buf_put(&f->line, "\n", 1);
}

/* For each mask a line: line number, mask number, then word and probability of the n best. */
static int list(struct filler *f, uint64_t number)
{
    for (size_t i = 0; i < f->masks; i++) {
        float *x = f->logits + i * f->V, top = x[best(x, f->V)];
        double sum = 0;

        for (size_t j = 0; j < f->V; j++)
            sum += exp((double)(x[j] - top));
        if (buf_printf(&f->line, "%llu\t%zu", (unsigned long long)number, i + 1) != RF_OK)
            return RF_ENOMEM;
        for (uint64_t k = 0; k < f->cfg->top; k++) {
            size_t at = best(x, f->V);

            if (isinf(x[at]))
                break; /* there are no more */
            if (buf_printf(&f->line, "\t%s\t%.4f", vocab_token(f->vocab, (int32_t)at, NULL),
                           exp((double)(x[at] - top)) / sum) != RF_OK)
                return RF_ENOMEM;
            x[at] = -INFINITY;
        }
        if (buf_put(&f->line, "\n", 1) != RF_OK)
            return RF_ENOMEM;
    }
    return RF_OK;
}

static int fill_lines(struct filler *f, struct lines *l, FILE *to, struct errbuf *eb)
{
    const char *text;
    size_t len;
    int rc;

    while ((rc = lines_next(l, &text, &len, eb)) == 1) {
        struct errbuf why = {0};

        buf_clear(&f->line);
        rc = encode(f, text, len, &why);
        if (rc == RF_OK && f->masks)
            rc = predict(f, &why);
        if (rc == RF_OK &&
            (f->cfg->top ? list(f, lines_number(l)) : fill(f, text, len)) != RF_OK)
            rc = err_nomem(&why);
        if (rc != RF_OK)
            return err_set(eb, rc, "%s: '%s', line %llu", why.text, lines_name(l),
                           (unsigned long long)lines_number(l));
        f->filled += f->masks;
        if (f->line.len && fwrite(f->line.data, 1, f->line.len, to) != f->line.len)
            return RF_OK; /* output_commit() says why */
    }
    return rc;
}

int main(int argc, char **argv)
{
    struct cfg cfg = {.model = "run", .vocab = "vocab.txt"};
    struct filler f = {.cfg = &cfg};
    struct lines *l = NULL;
    struct output *out = NULL;
    struct tool_run run;
    int rc;

    par_sleep_waiting(argv);
    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    rc = open_model(&f, &run.eb);
    if (rc == RF_OK)
        rc = lines_open(&l, run.operands, run.n_operands, &cfg.text, &run.eb);
    if (rc == RF_OK)
        rc = output_open(&out, cfg.output, OUTPUT_TEXT, &run.eb);
    if (rc == RF_OK) {
        rc = fill_lines(&f, l, output_file(out), &run.eb);
        tool_summary(&run, 0, "%llu lines, %llu masks", (unsigned long long)lines_total(l),
                     (unsigned long long)f.filled);
    }
    rc = output_end(out, rc, &run.eb);
    lines_close(l);
    close_model(&f);
    return tool_finish(&run, rc);
}
