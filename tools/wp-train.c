/* wp-train: a WordPiece vocabulary from plain text. */
#include "base/par.h"
#include "base/tool.h"
#include "data/normalize.h"
#include "data/wptrain.h"

struct cfg {
    const char *output;
    struct wptrain_cfg train;
    bool lower_case, strip_accents;
    struct text_cfg text;
    uint64_t threads;
};

static const struct opt opts[] = {
    OPT_FILE('o', "output", struct cfg, output, "vocabulary (standard output)"),
    OPT_COUNT(0, "size", struct cfg, train.size, 1, INT32_MAX, "n", "tokens to reach"),
    OPT_COUNT(0, "limit-alphabet", struct cfg, train.limit_alphabet, 1, 0x110000, "n",
              "characters to keep, the most frequent"),
    OPT_COUNT(0, "min-frequency", struct cfg, train.min_frequency, 1, 1e12, "n",
              "how often a pair must stand to be merged"),
    OPT_FLAG(0, "lower-case", struct cfg, lower_case, "put text into lower case"),
    OPT_FLAG(0, "strip-accents", struct cfg, strip_accents, "decompose text and drop accents"),
    TEXT_ROWS(struct cfg, text),
    OPT_THREADS(struct cfg, threads),
    OPT_END};

static const struct tool tool = {.name = "wp-train",
                                 .brief = "Train a WordPiece vocabulary on plain text.",
                                 .operands = "[file ...]",
                                 .max_operands = 1 << 20,
                                 .opts = opts};

static int count(struct word_counts *words, struct lines *l, const struct cfg *cfg,
                 struct tool_run *run)
{
    unsigned flags =
        (cfg->lower_case ? NORMAL_LOWER : 0) | (cfg->strip_accents ? NORMAL_STRIP : 0);
    struct progress p;
    int rc;

    progress_start(&p, "counting words", "B", 0, lines_size(l), !run->quiet);
    rc = word_counts_lines(words, l, flags, par_threads(cfg->threads), &p, &run->eb);
    progress_clear(&p);
    if (rc == RF_OK && !words->total)
        return err_set(&run->eb, RF_EFORMAT, "there is no word in the text");
    return rc;
}

static int train(struct strtab *tokens, const struct word_counts *words, const struct lines *l,
                 const struct cfg *cfg, struct tool_run *run)
{
    struct wptrain_alphabet alphabet;
    struct progress p;
    int rc = wptrain_alphabet(tokens, words, &cfg->train, &alphabet);

    if (rc != RF_OK)
        return err_nomem(&run->eb);
    progress_start(&p, "merging", "tokens", tokens->n, cfg->train.size, !run->quiet);
    rc = wptrain_merge(tokens, words, &cfg->train, &p);
    progress_clear(&p);
    if (rc != RF_OK)
        return err_nomem(&run->eb);
    if (tokens->n > cfg->train.size)
        tool_note(run, "the alphabet alone has more than %llu tokens: %zu in all",
                  (unsigned long long)cfg->train.size, tokens->n);
    else if (tokens->n < cfg->train.size)
        tool_note(run, "only %zu tokens: no other pair stands %llu times", tokens->n,
                  (unsigned long long)cfg->train.min_frequency);
    tool_summary(run, (double)lines_bytes(l),
                 "%llu words (%zu distinct), %zu of %zu characters, %zu tokens",
                 (unsigned long long)words->total, words->words.n, alphabet.kept, alphabet.seen,
                 tokens->n);
    return RF_OK;
}

static int write_tokens(const struct strtab *tokens, const char *name, struct errbuf *eb)
{
    struct output *out = NULL;
    int rc = output_open(&out, name, OUTPUT_TEXT, eb);

    if (rc != RF_OK)
        return rc;
    for (size_t i = 0; i < tokens->n; i++) {
        fputs(strtab_get(tokens, i, NULL), output_file(out));
        putc('\n', output_file(out));
    }
    return output_commit(out, eb);
}

int main(int argc, char **argv)
{
    struct cfg cfg = {.train = WPTRAIN_CFG_DEFAULT};
    struct word_counts words = {0};
    struct strtab tokens = {0};
    struct lines *l = NULL;
    struct tool_run run;
    int rc;

    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    rc = lines_open(&l, run.operands, run.n_operands, &cfg.text, &run.eb);
    if (rc == RF_OK)
        rc = count(&words, l, &cfg, &run);
    if (rc == RF_OK)
        rc = train(&tokens, &words, l, &cfg, &run);
    if (rc == RF_OK)
        rc = write_tokens(&tokens, cfg.output, &run.eb);
    strtab_free(&tokens);
    word_counts_free(&words);
    lines_close(l);
    return tool_finish(&run, rc);
}
