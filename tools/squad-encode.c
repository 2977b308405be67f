/* squad-encode: turns questions on texts into sequences for question answering. */
#include "base/tool.h"
#include "data/squad_encode.h"
#include "data/squad_score.h"
#include "shard/shard_text.h"

struct cfg {
    struct squad_encode_cfg encode;
    const char *vocab, *output;
    struct wordpiece_cfg wordpiece;
    int coding;
    bool provenance;
};

static const struct opt opts[] = {
    OPT_FILE('V', "vocab", struct cfg, vocab, "vocabulary, rf-vocab(5)"),
    OPT_FILE('o', "output", struct cfg, output, "shard to write (standard output)"),
    OPT_COUNT('l', "max-len", struct cfg, encode.features.max_len, SQUAD_EDGES + 2,
              SHARD_RECORD_MAX_TOKENS, "n", "most tokens of a sequence"),
    SQUAD_FEATURE_ROWS(struct cfg, encode.features),
    OPT_FLAG(0, "join-paragraphs", struct cfg, encode.join,
             "ask each question on its whole article"),
    OPT_FLAG(0, "lower-case", struct cfg, wordpiece.lower_case, "put text into lower case"),
    OPT_FLAG(0, "strip-accents", struct cfg, wordpiece.strip_accents,
             "decompose text and drop accents"),
    OPT_FLAG(0, "strict", struct cfg, encode.strict,
             "fail at an answer that does not stand where the file says"),
    OPT_ROW_(OPT_TYPE_CHOICE, 0, "metric", struct cfg, encode.metric, int,
             .choices = squad_metric_names, .arg = "name",
             .help = "whose scores to judge the labels by: korquad, squad", .flags = OPT_LOCAL),
    OPT_CODING(struct cfg, coding),
    OPT_PROVENANCE(struct cfg, provenance),
    OPT_END};

static const struct tool tool = {
    .name = "squad-encode",
    .brief = "Turn questions on texts into sequences for question answering.",
    .operands = "[file ...]",
    .max_operands = 1 << 20,
    .opts = opts};

static void say_totals(struct tool_run *run, const struct squad_encode_totals *t, int metric)
{
    double n = (double)t->judged;

    tool_note_count(run, "answers that do not stand where the file says, left out",
                    t->misplaced);
    tool_note_count(run, "answers without a token, left out", t->no_token);
    tool_note_count(run, "answers that no window holds whole", t->no_window);
    tool_note_count(run, "questions without an answer", t->no_answer);
    tool_note_count(run, "questions cut", t->cut_questions);
    tool_note_count(run, "questions on an empty context, left out", t->empty_contexts);
    if (t->judged)
        tool_note(run, "the labels as predictions: exact match %.2f, F1 %.2f (%s)",
                  100 * (double)t->exact / n, 100 * t->f1 / n, squad_metric_names[metric]);
    tool_summary(run, 0, "%llu %s, %llu %s (%llu with the answer), %llu %s",
                 (unsigned long long)t->questions,
                 plural(t->questions, "question", "questions"), (unsigned long long)t->windows,
                 plural(t->windows, "window", "windows"), (unsigned long long)t->with_answer,
                 (unsigned long long)t->tokens, plural(t->tokens, "token", "tokens"));
}

static int encode(const struct cfg *cfg, struct squad *from, const struct vocab *v,
                  struct tool_run *run)
{
    const struct shard_maker by = {.tool = "squad-encode " RF_VERSION,
                                   .opts = opts,
                                   .cfg = cfg,
                                   .provenance = cfg->provenance,
                                   .coding = cfg->coding};
    struct shard_info info = shard_vocab_info(SHARD_QA, v);
    struct squad_encode_totals t = {0};
    struct shard_file to = {0};
    struct wordpiece *w = NULL;
    struct progress p;
    int rc = wordpiece_new(&w, v, &cfg->wordpiece, &run->eb);

    info.max_len = (uint32_t)cfg->encode.features.max_len;
    if (rc == RF_OK &&
        (rc = shard_file_make(&to, cfg->output, &info, &by, &run->eb)) == RF_OK) {
        progress_start(&p, tool.name, "B", 0, squad_size(from), !run->quiet);
        rc = squad_encode(from, to.writer, w, v, &cfg->encode, &t, &p, &run->eb);
        progress_clear(&p);
        if (rc == RF_OK)
            say_totals(run, &t, cfg->encode.metric);
        rc = shard_files_close(&to, 1, rc, &run->eb);
    }
    wordpiece_free(w);
    return rc;
}

int main(int argc, char **argv)
{
    struct cfg cfg = {.encode = {.features = SQUAD_FEATURE_DEFAULT},
                      .vocab = "vocab.txt",
                      .coding = SHARD_PACKED,
                      .provenance = true};
    struct squad *from = NULL;
    struct vocab *v = NULL;
    struct tool_run run;
    int rc = RF_OK;

    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    if (cfg.encode.features.max_len <= cfg.encode.features.max_query + SQUAD_EDGES)
        rc = err_set(&run.eb, RF_EUSAGE,
                     "--max-len must be more than --max-query and %d special tokens",
                     SQUAD_EDGES);
    if (rc == RF_OK)
        rc = vocab_read(&v, cfg.vocab, NULL, &run.eb);
    if (rc == RF_OK)
        rc = squad_open(&from, run.operands, run.n_operands,
                        &(struct squad_cfg){.join = cfg.encode.join}, &run.eb);
    if (rc == RF_OK)
        rc = encode(&cfg, from, v, &run);
    squad_close(from);
    vocab_free(v);
    return tool_finish(&run, rc);
}
