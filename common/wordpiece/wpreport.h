/* wpreport.h: reports how well a vocabulary fits the words from which it was made. */
#ifndef WORDPIECE_WPREPORT_H
#define WORDPIECE_WPREPORT_H

#include <stdio.h>

#include "wordpiece/wordpiece.h"
#include "wordpiece/wptrain.h"

/** Encode each word and write lines "what TAB number": words, those that become [UNK], tokens,
 * characters, and those that the alphabet lacks. RF_OK, wordpiece_new()'s and
 * word_counts_next()'s errors, RF_ENOMEM; the caller finds write errors in the file. */
MUST_CHECK int wpreport_write(const struct vocab *v, struct word_counts *words,
                              const struct wptrain_alphabet *alphabet, FILE *to,
                              struct errbuf *eb);

#endif
