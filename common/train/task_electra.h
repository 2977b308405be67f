/* task_electra.h: which words of a text a generator has replaced. */
#ifndef TRAIN_TASK_ELECTRA_H
#define TRAIN_TASK_ELECTRA_H

#include "train/task.h"

/** A row of the table of tasks. */
extern const struct task task_electra;

#endif
