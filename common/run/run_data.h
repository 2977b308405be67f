/* run_data.h: the shards and the vocabulary that a configuration names, as training and
 * evaluations take them. */
#ifndef RUN_RUN_DATA_H
#define RUN_RUN_DATA_H

#include "data/train_set.h"
#include "run/run.h"
#include "train/sums.h"
#include "train/train.h"

/** A source that reads a set; the set and `name` are borrowed. If the vocabulary `v` is not
 * NULL the source knows how many bytes of text a label stands for. */
struct train_source run_source(const char *name, struct train_set *set, const struct vocab *v);

/** The data of a configuration; {0} is none. The fields are read only. */
struct run_data {
    struct rf_config *cfg; /* borrowed */
    struct vocab *vocab;   /* data.vocab; NULL: it names none */
    struct buf vocab_text; /* its bytes, kept because a pipe can be read only once */
    struct train_set *train;
    struct eval_sets eval;
    struct train_source *sources; /* [eval.n] the sets of eval as sources */
};

/**
 * Load data.vocab, data.train and data.eval. If n is not 0, words[n] are the words of
 * data.train already apart, so that a name may hold a space; train_set_load() says what a word
 * means. Where the configuration only asks what a run needs, nothing is loaded; else
 * rf_config_epochs() sets lengths that go by the data. *d is {0} before; give it to
 * run_data_free() in either case.
 *
 * RF_OK; RF_EUSAGE: train.patience without data.eval; RF_EINVAL: a shard was encoded with
 * another vocabulary, data.label_from leaves it no label, or data.memory is too little for
 * blocks; or the errors of vocab_parse(), train_set_load() and eval_sets_load().
 */
MUST_CHECK int run_data_load(struct run_data *d, struct rf_config *cfg, char *const *words,
                             size_t n, struct errbuf *eb);
void run_data_free(struct run_data *d);

/** Make the job of a run on these data, which are borrowed with their configuration. A device
 * is opened for it, as run_device() does with `keep` and `instead`: the caller gives job->nn to
 * nn_close(). For a run that did begin "auto" is the device on which it did; and where it is
 * only asked what a run takes, "cuda" with a size is nn_open_plan(). The caller sets the hooks.
 * RF_OK or the errors of run_device() and ckpt_open(). */
MUST_CHECK int run_job(struct train_job *job, const struct run_data *d,
                       struct opt_strings *keep, struct errbuf *instead, struct errbuf *eb);

/** Write data.vocab as vocab.txt into the run's folder, which must exist, so that the run can
 * be used without its data. Without data.vocab nothing is written. RF_OK or output_write()'s
 * errors. */
MUST_CHECK int run_data_keep_vocab(const struct run_data *d, struct errbuf *eb);

/**
 * Append a sample of an evaluation as lines of text: what the model saw (only if words were
 * masked), what it said, what is right. Nothing is appended without a vocabulary or a label.
 * RF_OK or excerpt_text()'s errors.
 */
MUST_CHECK int run_data_sample(const struct run_data *d, struct buf *to,
                               const struct train_sample *s, struct errbuf *eb);

/** Load sets for an evaluation by an open model, as its run would. RF_OK or eval_sets_load()'s
 * errors; eval_sets_free() in either case. */
MUST_CHECK int run_eval_sets(struct eval_sets *sets, const struct run_model *m,
                             char *const *words, size_t n, struct errbuf *eb);

/** How well a model predicts the labels of a set. */
struct run_scores {
    uint64_t labels;
    double loss;      /* the mean, in nats */
    double acc;       /* the share of labels that the model finds likeliest */
    double bits;      /* the loss in bits per byte of text; NaN: the model is open without
                         vocabulary, or labels are no tokens */
    struct sums sums; /* of which the columns of the task are made, struct task_column */
};

/** Score a set by an open model. RF_OK; RF_EINVAL: the set was encoded with another vocabulary
 * or has no label; scorer_add()'s errors. */
MUST_CHECK int run_score(const struct run_model *m, const struct eval_set *s,
                         struct run_scores *scores, struct errbuf *eb);

#endif
