/* wp-decode: turns token ids back into text. */
#include <string.h>

#include "base/tool.h"
#include "data/detokenize.h"

struct cfg {
    const char *vocab, *output, *jsonl;
    struct detokenize_cfg text;
    bool ids;
};

static const struct opt opts[] = {
    OPT_FILE('V', "vocab", struct cfg, vocab, "vocabulary, rf-vocab(5)"),
    OPT_FILE('o', "output", struct cfg, output, "file to write the text to (standard output)"),
    OPT_FLAG(0, "ids", struct cfg, ids, "read lines of ids, not a shard"),
    OPT_FLAG(0, "keep-special", struct cfg, text.keep_special, "print special tokens too"),
    OPT_FLAG(0, "clean", struct cfg, text.clean,
             "take out the space before . , ! ? and the like of 's"),
    OPT_TEXT(0, "jsonl", struct cfg, jsonl, "member",
             "write JSON lines, a document in each: this member is its text"),
    OPT_END};

static const struct tool tool = {.name = "wp-decode",
                                 .brief = "Turn token ids back into text.",
                                 .operands = "[file ...]",
                                 .max_operands = 1 << 20,
                                 .opts = opts};

static int from_shard(const struct cfg *cfg, struct text_out *to, const struct vocab *v,
                      struct detokenize_totals *t, struct tool_run *run)
{
    struct shard_reader *from = NULL;
    struct progress p;
    int rc = shard_files_open(&from, run->operands, run->n_operands, &run->eb);

    if (rc == RF_OK && (memcmp(shard_reader_info(from)->vocab_digest, vocab_digest(v),
                               SHARD_DIGEST_BYTES) != 0 ||
                        shard_reader_info(from)->vocab_size != vocab_size(v)))
        rc = err_set(&run->eb, RF_ECHECK,
                     "the shard was made with another vocabulary than '%s'", cfg->vocab);
    if (rc == RF_OK) {
        progress_start(&p, tool.name, "B", 0, shard_reader_size(from), !run->quiet);
        rc = detokenize_shard(to, from, v, &cfg->text, t, &p, &run->eb);
        progress_clear(&p);
    }
    shard_reader_close(from);
    return rc;
}

static int from_lines(const struct cfg *cfg, struct text_out *to, const struct vocab *v,
                      struct detokenize_totals *t, struct tool_run *run)
{
    struct text_cfg plain = {0};
    struct lines *from = NULL;
    struct progress p;
    int rc = lines_open(&from, run->operands, run->n_operands, &plain, &run->eb);

    if (rc == RF_OK) {
        progress_start(&p, tool.name, "B", 0, lines_size(from), !run->quiet);
        rc = detokenize_lines(to, from, v, &cfg->text, t, &p, &run->eb);
        progress_clear(&p);
    }
    lines_close(from);
    return rc;
}

int main(int argc, char **argv)
{
    struct cfg cfg = {.vocab = "vocab.txt", .text.clean = true};
    struct detokenize_totals t = {0};
    struct vocab *v = NULL;
    struct text_out *to = NULL;
    struct tool_run run;
    uint64_t odd = 0;
    int rc;

    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    rc = vocab_read(&v, cfg.vocab, &odd, &run.eb);
    if (rc == RF_OK)
        rc = text_out_create(&to, cfg.output, cfg.jsonl, &run.eb);
    if (rc == RF_OK) {
        if (odd)
            tool_note(&run, "empty, repeated or blank-ended lines in '%s': %llu", cfg.vocab,
                      (unsigned long long)odd);
        rc = cfg.ids ? from_lines(&cfg, to, v, &t, &run) : from_shard(&cfg, to, v, &t, &run);
        tool_summary(&run, 0, "%llu %s, %llu %s", (unsigned long long)t.lines,
                     plural(t.lines, "line", "lines"), (unsigned long long)t.tokens,
                     plural(t.tokens, "token", "tokens"));
    }
    rc = text_out_end(to, rc, &run.eb);
    vocab_free(v);
    return tool_finish(&run, rc);
}
