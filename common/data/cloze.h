/*
 * cloze.h: questions made of the statements of a text, in the JSON of SQuAD v1.1.
 *
 * Most of what a small model must learn to answer questions is to find the words of a question
 * in a text, and any text can teach that; a few thousand questions cannot. So some words of a
 * sentence are taken for the answer, of those near them some are left out, a question word
 * takes the answer's place or stands at the end, and the sentences around are the context.
 * Source: Lewis, Denoyer, Riedel, "Unsupervised Question Answering by Cloze Translation"
 * (2019), section 2; words left out, their section 2.4 (noise).
 */
#ifndef DATA_CLOZE_H
#define DATA_CLOZE_H

#include "base/io.h"
#include "base/progress.h"

struct cloze_cfg {
    uint64_t seed;
    double share;                  /* the chance of a context to be written */
    uint64_t questions;            /* most questions on a context */
    uint64_t min_chars, max_chars; /* of a context, in code points */
    const char *ask;               /* question words, separated by spaces */
    const char *ask_number;        /* those for answers with a digit */
    bool titles;                   /* the first line of a document is its title */
};

#define CLOZE_CFG_DEFAULT                                                                      \
    {                                                                                          \
        .seed = 1, .share = 1, .questions = 2, .min_chars = 80, .max_chars = 400,              \
        .ask = "무엇 누구 어디", .ask_number = "언제 몇", .titles = true                       \
    }

struct cloze_totals {
    uint64_t documents, contexts, questions;
    uint64_t too_long; /* sentences that no context has room for */
};

/**
 * Read the lines of `from`, each a sentence, documents separated by empty lines, and write an
 * article for each document with questions to `to`. Contexts are sentences that follow each
 * other, as many as fit; no sentence is in two. The same seed makes the same questions of the
 * same text. Memory is a context's. RF_OK; RF_EUSAGE (there is no question word), RF_ENOMEM,
 * document_lines_next()'s errors. Whether writing failed, the caller finds at the end.
 */
MUST_CHECK int cloze_text(const struct cloze_cfg *cfg, struct lines *from, FILE *to,
                          struct cloze_totals *t, struct progress *progress, struct errbuf *eb);

#endif
