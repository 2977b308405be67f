#include "train/task.h"

#include "train/task_classify.h"
#include "train/task_electra.h"
#include "train/task_qa.h"

const char *const task_names[] = {
    [TASK_MLM] = "mlm",           [TASK_CLM] = "clm",         [TASK_QA] = "qa",
    [TASK_CLASSIFY] = "classify", [TASK_ELECTRA] = "electra", NULL};

/* The loss of the model's own output, which says a token: masked words and the next token
 * alike. */
static int token_loss(struct learner *l, const struct model_batch *b,
                      const struct model_draw *draw, float *grad, const struct model_sink *sink,
                      struct nn_sum *sum, struct errbuf *eb)
{
    return sink ? model_add_loss_to(l->model, b, draw, sink, sum, eb)
                : model_add_loss(l->model, b, draw, grad, grad ? 1 : 0, sum, eb);
}

static double next_labels(const struct rf_config *c, double tokens)
{
    (void)c;
    return tokens;
}

static int check_causal(const struct rf_config *c, struct errbuf *eb)
{
    return c->model.causal ? RF_OK : err_set(eb, RF_EUSAGE, "data.task clm needs model.causal");
}

static const struct task task_mlm = {.data = TASK_DATA_MASKED,
                                     .of_tokens = true,
                                     .in_backward = true,
                                     .sums = 1,
                                     .labels = task_masked_labels,
                                     .loss = token_loss};

static const struct task task_clm = {.data = TASK_DATA_NEXT,
                                     .of_tokens = true,
                                     .in_backward = true,
                                     .sums = 1,
                                     .check = check_causal,
                                     .labels = next_labels,
                                     .loss = token_loss};

const struct task *const tasks[] = {[TASK_MLM] = &task_mlm,
                                    [TASK_CLM] = &task_clm,
                                    [TASK_QA] = &task_qa,
                                    [TASK_CLASSIFY] = &task_classify,
                                    [TASK_ELECTRA] = &task_electra};
