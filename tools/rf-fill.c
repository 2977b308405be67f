/* rf-fill: the best words for [MASK] in lines of text. */
#include <stdlib.h>
#include <string.h>

#include "base/par.h"
#include "base/tool.h"
#include "wordpiece/fill_text.h"
#include "wordpiece/wordpiece.h"
#include "train/fill.h"
#include "run_data.h"

struct cfg {
    const char *model, *vocab, *output;
    struct wordpiece_cfg wordpiece;
    struct text_cfg text;
    uint64_t top, threads;
    bool ema, json;
};

static const struct opt opts[] = {
    OPT_FILE('m', "model", struct cfg, model, "checkpoint, or a run: its newest one"),
    OPT_FLAG(0, "ema", struct cfg, ema, "use the mean of the weights, where one was kept"),
    OPT_FILE('V', "vocab", struct cfg, vocab, "vocabulary, rf-vocab(5)"),
    OPT_FILE('o', "output", struct cfg, output, "filled lines (standard output)"),
    OPT_COUNT('k', "top", struct cfg, top, 0, 1000, "n",
              "print the n best for each [MASK] instead; 0: fill in"),
    OPT_FLAG(0, "json", struct cfg, json, "print a JSON object for each line instead"),
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

struct ctx {
    const struct cfg *cfg;
    struct vocab *vocab;
    struct wordpiece *encoder;
    struct fill *fill;
    struct ids ids; /* of the line in hand */
    int32_t *id;    /* [masks,k] */
    float *p;
    size_t room;           /* of both */
    struct buf line;       /* what it becomes */
    uint64_t total, masks; /* lines of the input so far; masks of the last one before this */
    uint64_t filled;
};

static int open_model(struct ctx *c, const struct tool_run *run, struct errbuf *eb)
{
    const struct cfg *cfg = c->cfg;
    const struct ckpt_state *state;
    uint64_t broken;
    int rc = fill_open(&c->fill, cfg->model, &broken, cfg->ema, par_threads(cfg->threads), eb);

    if (rc != RF_OK)
        return rc;
    run_data_note_broken(run, broken);
    if ((rc = vocab_read(&c->vocab, cfg->vocab, NULL, eb)) != RF_OK)
        return rc;
    state = ckpt_state(fill_ckpt(c->fill));
    if (memcmp(state->vocab_digest, vocab_digest(c->vocab), CKPT_DIGEST_BYTES) != 0 ||
        state->vocab_size != vocab_size(c->vocab))
        return err_set(eb, RF_EINVAL, "'%s' is not the vocabulary that '%s' was trained with",
                       cfg->vocab, ckpt_path(fill_ckpt(c->fill)));
    return wordpiece_new(&c->encoder, c->vocab, &cfg->wordpiece, eb);
}

static void close_model(struct ctx *c)
{
    fill_close(c->fill);
    wordpiece_free(c->encoder);
    vocab_free(c->vocab);
    free(c->ids.ids);
    free(c->id);
    free(c->p);
    buf_free(&c->line);
}

static int reserve(struct ctx *c, size_t n)
{
    if (n <= c->room)
        return RF_OK;
    free(c->id);
    free(c->p);
    c->id = calloc(n, sizeof *c->id);
    c->p = calloc(n, sizeof *c->p);
    c->room = c->id && c->p ? n : 0;
    return c->room ? RF_OK : RF_ENOMEM;
}

/* What the line becomes, into c->line. */
static int fill_line(struct ctx *c, const char *text, size_t len, uint64_t number,
                     struct errbuf *eb)
{
    struct fill_words w = {.vocab = c->vocab, .k = c->cfg->top ? c->cfg->top : 1};
    int rc;

    c->ids.n = 0;
    if (wordpiece_encode(c->encoder, &c->ids, text, len) != RF_OK)
        return err_nomem(eb);
    w.masks = fill_count(c->fill, c->ids.ids, c->ids.n);
    if (w.k > vocab_size(c->vocab))
        w.k = vocab_size(c->vocab);
    if (reserve(c, w.masks * w.k) != RF_OK)
        return err_nomem(eb);
    if ((rc = fill_masks(c->fill, c->ids.ids, c->ids.n, w.k, c->id, c->p, eb)) != RF_OK)
        return rc;
    w.id = c->id;
    w.p = c->p;
    if (c->cfg->json)
        rc = fill_text_json(&c->line, number, text, len, &w);
    else if (c->cfg->top)
        rc = fill_text_table(&c->line, number, c->masks, &w);
    else if ((rc = fill_text_line(&c->line, text, len, &w)) == RF_OK)
        rc = buf_put(&c->line, "\n", 1);
    c->masks += w.masks;
    c->filled += w.masks;
    return rc == RF_OK ? rc : err_nomem(eb);
}

static int fill_lines(struct ctx *c, struct lines *l, FILE *to, struct errbuf *eb)
{
    const char *text;
    size_t len;
    int rc;

    while ((rc = lines_next(l, &text, &len, eb)) == 1) {
        buf_clear(&c->line);
        if (c->total != lines_total(l)) /* of JSON lines one may hold several of text */
            c->masks = 0;
        c->total = lines_total(l);
        rc = fill_line(c, text, len, lines_number(l), eb);
        if (rc == RF_ENAN)
            return err_set(eb, rc, "'%s', line %llu: what the model says is no number",
                           lines_name(l), (unsigned long long)lines_number(l));
        if (rc != RF_OK)
            return rc;
        if (c->line.len && fwrite(c->line.data, 1, c->line.len, to) != c->line.len)
            return RF_OK; /* output_commit() says why */
    }
    return rc;
}

int main(int argc, char **argv)
{
    struct cfg cfg = {.model = "run", .vocab = "vocab.txt"};
    struct ctx c = {.cfg = &cfg};
    struct lines *l = NULL;
    struct output *out = NULL;
    struct tool_run run;
    int rc;

    par_sleep_waiting(argv);
    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    rc = open_model(&c, &run, &run.eb);
    if (rc == RF_OK)
        rc = lines_open(&l, run.operands, run.n_operands, &cfg.text, &run.eb);
    if (rc == RF_OK)
        rc = output_open(&out, cfg.output, OUTPUT_TEXT, &run.eb);
    if (rc == RF_OK) {
        rc = fill_lines(&c, l, output_file(out), &run.eb);
        tool_summary(&run, 0, "%llu lines, %llu masks", (unsigned long long)lines_total(l),
                     (unsigned long long)c.filled);
    }
    rc = output_end(out, rc, &run.eb);
    lines_close(l);
    close_model(&c);
    return tool_finish(&run, rc);
}
