/* wpreport.h: how well a vocabulary fits the words it was made from. */
#ifndef WORDPIECE_WPREPORT_H
#define WORDPIECE_WPREPORT_H

#include <stdio.h>

#include "wordpiece/wordpiece.h"
#include "wordpiece/wptrain.h"

/** Encode each word and write "what TAB number" lines: words, those that become [UNK], tokens,
 * characters and those the alphabet lacks. RF_OK, wordpiece_new()'s and word_counts_next()'s
 * errors, RF_ENOMEM; write errors stay in the file. */
MUST_CHECK int wpreport_write(const struct vocab *v, struct word_counts *words,
                              const struct wptrain_alphabet *alphabet, FILE *to,
                              struct errbuf *eb);

#endif
