/* run_data.h: the shards and the vocabulary that a configuration names, as training and
 * evaluations take them. */
#ifndef RUN_RUN_DATA_H
#define RUN_RUN_DATA_H

#include "data/train_set.h"
#include "run/run.h"
#include "train/sums.h"
#include "train/train.h"

/** A set as a source, which borrows both. Where the vocabulary `v` is not NULL, the source
 * knows how many bytes of text its labels stand for. */
struct train_source run_source(const char *name, struct train_set *set, const struct vocab *v);

/** The data of a configuration; {0} is none. The fields are to be looked at. */
struct run_data {
    const struct rf_config *cfg; /* borrowed */
    struct vocab *vocab;         /* data.vocab; NULL: it names none */
    struct buf vocab_text;       /* its bytes: a pipe can be read once */
    struct train_set *train;
    struct eval_sets eval;
    struct train_source *sources; /* [eval.n] of eval */
};

/**
 * Load data.vocab, data.train and data.eval. Where n is not 0, the words are data.train's, one
 * by one: a name in them may hold a space. They are cut as by train_set_load(). Give *d, which
 * is {0} before, to run_data_free() in either case.
 *
 * RF_OK; RF_EUSAGE: train.patience without data.eval; RF_EINVAL: a shard was encoded with
 * another vocabulary, or data.label_from leaves it no label; or the errors of vocab_parse(),
 * train_set_load() and eval_sets_load().
 */
MUST_CHECK int run_data_load(struct run_data *d, const struct rf_config *cfg,
                             char *const *words, size_t n, struct errbuf *eb);
void run_data_free(struct run_data *d);

/** A run's job on these data, which are borrowed with their configuration, and on a device that
 * is opened for it: job->nn, to be given to nn_close(). Its hooks are still to be set. RF_OK or
 * run_device()'s errors. */
MUST_CHECK int run_job(struct train_job *job, const struct run_data *d, struct errbuf *eb);

/** Write data.vocab as vocab.txt into the run's folder, which is there, so that the run can be
 * used without its data; nothing where none is named. RF_OK or output_write()'s errors. */
MUST_CHECK int run_data_keep_vocab(const struct run_data *d, struct errbuf *eb);

/**
 * Append what a sample of an evaluation looks like, three lines of text: what the model saw
 * (where words are masked), what it said, what stood there. Nothing without a vocabulary or a
 * label. RF_OK or excerpt_text()'s errors.
 */
MUST_CHECK int run_data_sample(const struct run_data *d, struct buf *to,
                               const struct train_sample *s, struct errbuf *eb);

/** Load sets for an evaluation by an open model, as its run would. eval_sets_load()'s errors;
 * eval_sets_free() in either case. */
MUST_CHECK int run_eval_sets(struct eval_sets *sets, const struct run_model *m,
                             char *const *words, size_t n, struct errbuf *eb);

/** *sums becomes what an open model scores over a set, the task's loss first. RF_OK; RF_EINVAL:
 * the set was encoded with another vocabulary or has no label; scorer_add()'s errors. */
MUST_CHECK int run_score(const struct run_model *m, const struct eval_set *s, struct sums *sums,
                         struct errbuf *eb);

#endif
