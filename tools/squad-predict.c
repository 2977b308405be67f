/* squad-predict: answers questions on texts by a trained model. */
#include "base/par.h"
#include "base/tool.h"
#include "run/squad_predict.h"

struct cfg {
    struct run_use use;
    struct squad_predict_cfg predict;
    const char *output, *nbest, *question, *context;
    bool join;
};

static const struct opt opts[] = {
    RUN_ROWS(struct cfg, use),
    RUN_TEXT_ROWS(struct cfg, use),
    OPT_FILE('o', "output", struct cfg, output,
             "file to write the answers to (standard output)"),
    OPT_FILE(0, "nbest", struct cfg, nbest, "file to write the best answers to"),
    SQUAD_BEST_ROWS(struct cfg, predict.best),
    OPT_COUNT('l', "max-len", struct cfg, predict.features.max_len, 0, SQUAD_MAX_BYTES, "n",
              "most tokens of a sequence; 0: as the model has it"),
    SQUAD_FEATURE_ROWS(struct cfg, predict.features),
    OPT_FLAG(0, "join-paragraphs", struct cfg, join, "ask each question on its whole article"),
    OPT_COUNT(0, "batch", struct cfg, use.batch, 0, 65536, "n",
              "number of windows computed at a time; 0: as in training"),
    OPT_TEXT(0, "question", struct cfg, question, "text",
             "a question; --context has the text, and the answer alone is written"),
    OPT_TEXT(0, "context", struct cfg, context, "text", "the text that --question is about"),
    OPT_END};

static const struct tool tool = {.name = "squad-predict",
                                 .brief = "Answer questions on texts.",
                                 .operands = "[file ...]",
                                 .max_operands = 1 << 20,
                                 .opts = opts};

/* Answer the question of the command line. */
static int one_question(const struct cfg *cfg, struct squad_predictor *p,
                        const struct squad_predict_to *to, struct squad_predicted *t,
                        struct errbuf *eb)
{
    const struct squad_question q = {
        .id = "question", .text = cfg->question, .id_len = 8, .len = strlen(cfg->question)};
    const struct squad_context c = {.text = cfg->context,
                                    .len = strlen(cfg->context),
                                    .questions = &q,
                                    .n = 1,
                                    .file = "the command line"};
    int rc;

    squad_predict_begin(p, to);
    rc = squad_predict(p, &c, t, eb);
    squad_predict_end(p);
    return rc;
}

static int answer(const struct cfg *cfg, struct squad_predictor *p, struct output *out,
                  struct output *nbest, struct tool_run *run)
{
    const struct squad_predict_to to = {.answers = output_file(out),
                                        .nbest = nbest ? output_file(nbest) : NULL,
                                        .plain = cfg->question};
    struct squad_predicted t = {0};
    struct squad *from = NULL;
    struct progress progress;
    int rc;

    if (cfg->question) {
        rc = one_question(cfg, p, &to, &t, &run->eb);
    } else {
        rc = squad_open(&from, run->operands, run->n_operands,
                        &(struct squad_cfg){.join = cfg->join}, &run->eb);
        if (rc == RF_OK) {
            progress_start(&progress, tool.name, "B", 0, squad_size(from), !run->quiet);
            rc = squad_predict_files(p, from, &to, &t, &progress, &run->eb);
            progress_clear(&progress);
        }
    }
    squad_close(from);
    if (rc == RF_OK) {
        tool_note_count(run, "questions cut", t.cut_questions);
        tool_note_count(run, "questions on an empty context, whose answer is empty", t.empty);
        tool_summary_counts(run, 0,
                            (struct tool_count[]){{t.questions, "question", "questions"},
                                                  {t.windows, "window", "windows"}},
                            2);
    }
    return rc;
}

static int predict(const struct cfg *cfg, const struct run_model *m, struct tool_run *run)
{
    struct squad_predictor *p = NULL;
    struct output *out = NULL, *nbest = NULL;
    int rc = squad_predictor_new(&p, m, &cfg->predict, &run->eb);

    if (rc == RF_OK)
        rc = output_open(&out, cfg->output, OUTPUT_TEXT, &run->eb);
    if (rc == RF_OK && cfg->nbest)
        rc = output_open(&nbest, cfg->nbest, OUTPUT_TEXT, &run->eb);
    if (rc == RF_OK)
        rc = answer(cfg, p, out, nbest, run);
    if (rc == RF_OK)
        rc = output_settle(out, &run->eb);
    if (nbest)
        rc = output_end(nbest, rc, &run->eb);
    rc = output_end(out, rc, &run->eb);
    squad_predictor_free(p);
    return rc;
}

static int check_use(const struct cfg *cfg, const struct tool_run *run, struct errbuf *eb)
{
    if (!cfg->question != !cfg->context)
        return err_set(eb, RF_EUSAGE, "--question and --context go together");
    if (cfg->question && run->n_operands)
        return err_set(eb, RF_EUSAGE, "--question is the only one: no files with it");
    return RF_OK;
}

int main(int argc, char **argv)
{
    struct cfg cfg = {
        .use = {.path = "run", .vocab = "vocab.txt"},
        .predict = {.features = SQUAD_FEATURE_DEFAULT, .best = SQUAD_BEST_DEFAULT}};
    struct run_model model = {0};
    struct tool_run run;
    int rc;

    cfg.predict.features.max_len = 0;
    par_sleep_waiting(argv);
    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    rc = check_use(&cfg, &run, &run.eb);
    if (rc == RF_OK)
        rc = run_open(&model, &cfg.use, &run.eb);
    run_remarks(&model, rc == RF_OK, &run);
    if (rc == RF_OK)
        rc = predict(&cfg, &model, &run);
    run_close(&model);
    return tool_finish(&run, rc);
}
