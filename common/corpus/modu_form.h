/* modu_form.h: the text of one paragraph or utterance of modu.h's corpora. */
#ifndef CORPUS_MODU_FORM_H
#define CORPUS_MODU_FORM_H

#include "corpus/modu.h"

/**
 * Append a paragraph as lines, each ended by LF. If the form begins with <p> it is HTML: tags
 * are removed (<br> and </p> end a line) and entities are decoded once. RF_OK or RF_ENOMEM.
 */
MUST_CHECK int modu_paragraph(struct buf *to, const char *form, size_t n, struct buf *scratch);

/**
 * Append an utterance as one line without an LF. MODU_CLEAN cleans more only in a transcription
 * of speech (`spoken`). *gone is increased by the number of marks removed. RF_OK or RF_ENOMEM.
 */
MUST_CHECK int modu_utterance(struct buf *to, const char *form, size_t n, enum modu_marks marks,
                              bool spoken, struct buf *scratch, uint64_t *gone);

/** Add to counts->anonymised and counts->private_use what s[n] contains of them. */
void modu_count_text(struct modu_counts *counts, const char *s, size_t n);

#endif
