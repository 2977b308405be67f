/* wp-train: a WordPiece vocabulary from plain text. */
#include "base/par.h"
#include "base/tool.h"
#include "text/cut.h"
#include "wordpiece/normalize.h"
#include "wordpiece/tokenizer_json.h"
#include "wordpiece/wpreport.h"

struct cfg {
    const char *output, *vocab, *counts_out, *tokenizer_json, *report;
    struct wptrain_cfg train;
    struct wordpiece_cfg normal;
    bool counts;
    struct text_cfg text;
    uint64_t memory, threads;
};

static const struct opt opts[] = {
    OPT_FILE('o', "output", struct cfg, output, "vocabulary (standard output)"),
    OPT_COUNT(0, "size", struct cfg, train.size, 1, INT32_MAX, "n", "tokens to reach"),
    OPT_COUNT(0, "limit-alphabet", struct cfg, train.limit_alphabet, 1, 0x110000, "n",
              "characters to keep, the most frequent"),
    OPT_COUNT(0, "min-frequency", struct cfg, train.min_frequency, 1, 1e12, "n",
              "how often a pair must stand to be merged"),
    OPT_TEXT(0, "special-tokens", struct cfg, train.special, "list",
             "the first tokens, parted by commas"),
    OPT_COUNT(0, "unused", struct cfg, train.unused, 0, 1000000, "n",
              "tokens [unused0] ... to add for later use"),
    OPT_FILE('V', "vocab", struct cfg, vocab, "a vocabulary to enlarge"),
    OPT_FLAG(0, "lower-case", struct cfg, normal.lower_case, "put text into lower case"),
    OPT_FLAG(0, "strip-accents", struct cfg, normal.strip_accents,
             "decompose text and drop accents"),
    TEXT_ROWS(struct cfg, text),
    OPT_FLAG(0, "counts", struct cfg, counts, "the files are word counts, not text"),
    OPT_FILE(0, "counts-out", struct cfg, counts_out,
             "write word counts there, and no vocabulary"),
    OPT_FILE(0, "tokenizer-json", struct cfg, tokenizer_json,
             "write Hugging Face's tokenizer.json too"),
    OPT_FILE(0, "report", struct cfg, report, "write how well the vocabulary fits the words"),
    OPT_SIZE(0, "memory", struct cfg, memory, 1 << 20, 1e15, "size",
             "for all; past it words go to temporary files"),
    OPT_THREADS(struct cfg, threads),
    OPT_END};

static const struct tool tool = {.name = "wp-train",
                                 .brief = "Train a WordPiece vocabulary on plain text.",
                                 .operands = "[file ...]",
                                 .max_operands = 1 << 20,
                                 .opts = opts};

/* What is trained, and what came of it. */
struct work {
    const struct cfg *cfg;
    struct tool_run *run;
    uint64_t merge_memory; /* bytes */
    int threads;
    struct word_counts words;
    struct wptrain_alphabet alphabet;
    struct strtab tokens;
    struct vocab *vocab; /* of the tokens */
    struct buf file;     /* its bytes */
};

static int check_use(const struct cfg *cfg, struct errbuf *eb)
{
    if (cfg->counts_out && (cfg->output || cfg->vocab || cfg->tokenizer_json || cfg->report))
        return err_set(eb, RF_EUSAGE,
                       "with --counts-out no vocabulary is made: leave out --output, --vocab, "
                       "--tokenizer-json, --report");
    if (cfg->counts && cfg->text.jsonl)
        return err_set(eb, RF_EUSAGE, "with --counts the files are no text: leave out --jsonl");
    return RF_OK;
}

/* What --memory is spent on: first what the rest of the tool takes, a token, a thread; then
 * counting, whose tables double as they grow, or merging. */
enum {
    OWN_BYTES = 24 << 20,
    TOKEN_BYTES = 256,
    THREAD_BYTES = 4 << 20,
    LEAST_BYTES = 16 << 20
};
enum { WORD_BYTES = 1 << 20, WORDS_IN_MEMORY = 1024 }; /* the longest: a thread has copies */

static int share_memory(struct work *w, struct errbuf *eb)
{
    const struct cfg *cfg = w->cfg;
    uint64_t own = OWN_BYTES + cfg->train.size * TOKEN_BYTES, left;

    if (cfg->memory < own + LEAST_BYTES)
        return err_set(eb, RF_EUSAGE, "--memory must be %lluM at least for %llu tokens",
                       (unsigned long long)((own + LEAST_BYTES) >> 20) + 1,
                       (unsigned long long)cfg->train.size);
    left = cfg->memory - own;
    w->threads = par_threads(cfg->threads);
    if ((uint64_t)w->threads > left / LEAST_BYTES)
        w->threads = (int)(left / LEAST_BYTES);
    w->merge_memory = left;
    w->words.longest = cfg->memory / WORDS_IN_MEMORY;
    if (w->words.longest < WORD_BYTES)
        w->words.longest = WORD_BYTES;
    if (w->words.longest > LINE_MAX_BYTES)
        w->words.longest = LINE_MAX_BYTES;
    w->words.memory = (left - (uint64_t)w->threads * THREAD_BYTES) / 2;
    return RF_OK;
}

enum { COUNT_ROOM = 64 }; /* behind the longest word in a line of counts */

/* The first tokens: those of the given vocabulary under their ids, then the special ones. */
static int first_tokens(struct work *w)
{
    struct errbuf *eb = &w->run->eb;
    struct vocab *v = NULL;
    uint64_t odd = 0;
    int rc = w->cfg->vocab ? vocab_read(&v, w->cfg->vocab, &odd, eb) : RF_OK;

    if (odd)
        rc = err_set(eb, RF_EFORMAT, "'%s' has %llu empty, repeated or blank-ended lines",
                     w->cfg->vocab, (unsigned long long)odd);
    for (int32_t id = 0; rc == RF_OK && v && (size_t)id < vocab_size(v); id++) {
        size_t len, i;
        const char *token = vocab_token(v, id, &len);

        if (strtab_add(&w->tokens, token, len, &i) != RF_OK)
            rc = err_nomem(eb);
    }
    vocab_free(v);
    return rc == RF_OK ? wptrain_special(&w->tokens, &w->cfg->train, eb) : rc;
}

static int count(struct work *w, struct lines *l)
{
    const struct cfg *cfg = w->cfg;
    unsigned flags = (cfg->normal.lower_case ? NORMAL_LOWER : 0) |
                     (cfg->normal.strip_accents ? NORMAL_STRIP : 0);
    struct errbuf *eb = &w->run->eb;
    struct progress p;
    int rc;

    progress_start(&p, "counting words", "B", 0, lines_size(l), !w->run->quiet);
    rc = cfg->counts ? word_counts_read(&w->words, l, &p, eb)
                     : word_counts_lines(&w->words, l, flags, w->threads, &p, eb);
    progress_clear(&p);
    if (rc == RF_OK && !w->words.total)
        return err_set(eb, RF_EFORMAT, "there is no word in the text");
    return rc;
}

static int merge(struct work *w)
{
    const struct wptrain_cfg *cfg = &w->cfg->train;
    struct wptrain *t = NULL;
    struct progress p;
    int rc = wptrain_new(&t, &w->tokens, &w->words, w->merge_memory, &w->run->eb);

    if (rc != RF_OK)
        return rc;
    if (!w->cfg->report)
        word_counts_free(&w->words);
    progress_start(&p, "merging", "tokens", w->tokens.n, cfg->size, !w->run->quiet);
    rc = wptrain_merge(t, cfg, &p, &w->run->eb);
    progress_clear(&p);
    wptrain_free(t);
    return rc;
}

static int train(struct work *w, const struct lines *l)
{
    const struct wptrain_cfg *cfg = &w->cfg->train;
    unsigned long long total = w->words.total;
    int rc = wptrain_alphabet(&w->tokens, &w->words, cfg, &w->alphabet, &w->run->eb);

    if (rc == RF_OK)
        rc = merge(w);
    if (rc != RF_OK)
        return rc;
    if (w->tokens.n > cfg->size)
        tool_note(w->run, "%s have more than %llu tokens: %zu in all",
                  w->cfg->vocab ? "the given vocabulary and the alphabet"
                                : "the special tokens and the alphabet",
                  (unsigned long long)cfg->size, w->tokens.n);
    else if (w->tokens.n < cfg->size)
        tool_note(w->run, "only %zu tokens: no other pair stands %llu times", w->tokens.n,
                  (unsigned long long)cfg->min_frequency);
    tool_summary(w->run, (double)lines_bytes(l),
                 "%llu words (%zu distinct), %zu of %zu characters, %zu tokens", total,
                 w->alphabet.words, w->alphabet.kept, w->alphabet.seen, w->tokens.n);
    return RF_OK;
}

static int write_vocab(struct work *w, FILE *to)
{
    fwrite(w->file.data, 1, w->file.len, to);
    return RF_OK;
}

static int write_json(struct work *w, FILE *to)
{
    return tokenizer_json_write(w->vocab, &w->cfg->normal, to, &w->run->eb);
}

static int write_report(struct work *w, FILE *to)
{
    return wpreport_write(w->vocab, &w->words, &w->alphabet, to, &w->run->eb);
}

static int write_counts(struct work *w, FILE *to)
{
    return word_counts_write(&w->words, to, &w->run->eb);
}

/* A file of what `put` writes, settled but not yet committed; NULL where none is asked for. */
static int settle(struct output **out, const char *name, bool asked,
                  int (*put)(struct work *, FILE *), struct work *w)
{
    struct errbuf *eb = &w->run->eb;
    int rc;

    if (!asked)
        return RF_OK;
    if ((rc = output_open(out, name, OUTPUT_TEXT, eb)) == RF_OK)
        rc = put(w, output_file(*out));
    return rc == RF_OK ? output_settle(*out, eb) : rc;
}

/* All files or none. */
static int write_all(struct work *w)
{
    const struct cfg *cfg = w->cfg;
    struct output *out[4] = {NULL};
    bool vocab = !cfg->counts_out;
    int rc = settle(&out[0], cfg->counts_out, !vocab, write_counts, w);

    if (rc == RF_OK)
        rc = settle(&out[1], cfg->tokenizer_json, cfg->tokenizer_json, write_json, w);
    if (rc == RF_OK)
        rc = settle(&out[2], cfg->report, cfg->report, write_report, w);
    if (rc == RF_OK)
        rc = settle(&out[3], cfg->output, vocab, write_vocab, w);
    for (int i = 0; i < 4; i++) {
        if (rc == RF_OK && out[i])
            rc = output_commit(out[i], &w->run->eb);
        else
            output_abort(out[i]);
    }
    return rc;
}

static int make_vocab(struct work *w)
{
    for (size_t i = 0; i < w->tokens.n; i++)
        if (buf_printf(&w->file, "%s\n", strtab_get(&w->tokens, i, NULL)) != RF_OK)
            return err_nomem(&w->run->eb);
    return vocab_parse(&w->vocab, w->file.data, w->file.len, "the vocabulary", NULL,
                       &w->run->eb);
}

static int work_on(struct work *w, struct lines *l)
{
    int rc = count(w, l);

    if (rc == RF_OK && w->cfg->counts_out) {
        tool_summary(w->run, (double)lines_bytes(l), "%llu words",
                     (unsigned long long)w->words.total);
    } else if (rc == RF_OK) {
        if ((rc = train(w, l)) == RF_OK)
            rc = make_vocab(w);
    }
    return rc == RF_OK ? write_all(w) : rc;
}

int main(int argc, char **argv)
{
    struct cfg cfg = {.train = WPTRAIN_CFG_DEFAULT, .memory = 1 << 30};
    struct tool_run run;
    struct work w = {.cfg = &cfg, .run = &run};
    struct lines *l = NULL;
    int rc;

    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    w.words.near = cfg.counts_out ? cfg.counts_out : cfg.output;
    rc = check_use(&cfg, &run.eb);
    if (rc == RF_OK)
        rc = share_memory(&w, &run.eb);
    if (rc == RF_OK)
        rc = first_tokens(&w);
    cfg.text.part = cfg.counts ? w.words.longest + COUNT_ROOM : CUT_PART_BYTES;
    if (rc == RF_OK)
        rc = lines_open(&l, run.operands, run.n_operands, &cfg.text, &run.eb);
    if (rc == RF_OK)
        rc = work_on(&w, l);
    strtab_free(&w.tokens);
    word_counts_free(&w.words);
    buf_free(&w.file);
    vocab_free(w.vocab);
    lines_close(l);
    return tool_finish(&run, rc);
}
