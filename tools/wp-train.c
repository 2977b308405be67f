/* wp-train: makes a WordPiece vocabulary from plain text. */
#include "base/tool.h"
#include "wordpiece/wpbuild.h"

static const struct opt opts[] = {
    OPT_FILE('o', "output", struct wpbuild_cfg, output,
             "vocabulary to write (standard output)"),
    OPT_COUNT(0, "size", struct wpbuild_cfg, train.size, 1, INT32_MAX, "n",
              "tokens that the vocabulary shall have"),
    OPT_COUNT(0, "limit-alphabet", struct wpbuild_cfg, train.limit_alphabet, 1, 0x110000, "n",
              "keep the n most frequent characters"),
    OPT_COUNT(0, "min-frequency", struct wpbuild_cfg, train.min_frequency, 1, 1e12, "n",
              "merge pairs that occur n times or more"),
    OPT_TEXT(0, "special-tokens", struct wpbuild_cfg, train.special, "list",
             "the first tokens of the vocabulary, parted by commas"),
    OPT_COUNT(0, "unused", struct wpbuild_cfg, train.unused, 0, 1000000, "n",
              "add n tokens [unused0] ... for later use"),
    OPT_FILE('V', "vocab", struct wpbuild_cfg, vocab, "vocabulary to enlarge"),
    OPT_FLAG(0, "lower-case", struct wpbuild_cfg, normal.lower_case,
             "put text into lower case"),
    OPT_FLAG(0, "strip-accents", struct wpbuild_cfg, normal.strip_accents,
             "decompose text and drop accents"),
    TEXT_ROWS(struct wpbuild_cfg, text),
    OPT_FLAG(0, "counts", struct wpbuild_cfg, counts, "read word counts, not text"),
    OPT_FILE(0, "counts-out", struct wpbuild_cfg, counts_out,
             "write word counts there, and no vocabulary"),
    OPT_FILE(0, "tokenizer-json", struct wpbuild_cfg, tokenizer_json,
             "write Hugging Face's tokenizer.json there as well"),
    OPT_FILE(0, "hf", struct wpbuild_cfg, hf,
             "write a folder for Hugging Face's AutoTokenizer, the vocabulary in it"),
    OPT_FILE(0, "report", struct wpbuild_cfg, report,
             "write there how well the vocabulary fits the words"),
    OPT_SIZE(0, "memory", struct wpbuild_cfg, memory, 1 << 20, 1e15, "size",
             "memory for everything; what is more goes to temporary files"),
    OPT_THREADS(struct wpbuild_cfg, threads),
    OPT_END};

static const struct tool tool = {.name = "wp-train",
                                 .brief = "Train a WordPiece vocabulary on plain text.",
                                 .operands = "[file ...]",
                                 .max_operands = 1 << 20,
                                 .opts = opts};

static int check_use(const struct wpbuild_cfg *cfg, struct errbuf *eb)
{
    if (cfg->counts_out &&
        (cfg->output || cfg->vocab || cfg->tokenizer_json || cfg->hf || cfg->report))
        return err_set(eb, RF_EUSAGE,
                       "with --counts-out no vocabulary is made: leave out --output, --vocab, "
                       "--tokenizer-json, --hf, --report");
    if (cfg->counts && cfg->text.jsonl)
        return err_set(eb, RF_EUSAGE, "with --counts the files are no text: leave out --jsonl");
    return RF_OK;
}

static void say_totals(struct tool_run *run, const struct wpbuild_cfg *cfg,
                       const struct wpbuild_totals *t)
{
    if (!t->tokens) {
        tool_summary(run, (double)t->bytes, "%llu %s", (unsigned long long)t->words,
                     plural(t->words, "word", "words"));
        return;
    }
    if (t->alphabet.kept < t->alphabet.seen)
        tool_note(run,
                  "%zu of %zu characters are past --limit-alphabet: they are %.4g %% of the "
                  "text, and are cut out of its words",
                  t->alphabet.seen - t->alphabet.kept, t->alphabet.seen,
                  100 * (double)t->alphabet.lost / (double)t->alphabet.all);
    if (t->tokens > cfg->train.size)
        tool_note(run, "%s have more than %llu %s: %zu in all",
                  cfg->vocab ? "the given vocabulary and the alphabet"
                             : "the special tokens and the alphabet",
                  (unsigned long long)cfg->train.size,
                  plural(cfg->train.size, "token", "tokens"), t->tokens);
    else if (t->tokens < cfg->train.size)
        tool_note(run, "only %zu %s: no other pair occurs %llu %s", t->tokens,
                  plural(t->tokens, "token", "tokens"),
                  (unsigned long long)cfg->train.min_frequency,
                  plural(cfg->train.min_frequency, "time", "times"));
    tool_summary(run, (double)t->bytes, "%llu %s (%zu distinct), %zu of %zu %s, %zu %s",
                 (unsigned long long)t->words, plural(t->words, "word", "words"),
                 t->alphabet.words, t->alphabet.kept, t->alphabet.seen,
                 plural(t->alphabet.seen, "character", "characters"), t->tokens,
                 plural(t->tokens, "token", "tokens"));
}

int main(int argc, char **argv)
{
    struct wpbuild_cfg cfg = {.train = WPTRAIN_CFG_DEFAULT, .memory = 1 << 30};
    struct wpbuild_totals t = {0};
    struct progress p = {0};
    struct tool_run run;
    int rc;

    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    p.on = !run.quiet;
    rc = check_use(&cfg, &run.eb);
    if (rc == RF_OK)
        rc = wpbuild(&cfg, run.operands, run.n_operands, &t, &p, &run.eb);
    say_totals(&run, &cfg, &t);
    return tool_finish(&run, rc);
}
