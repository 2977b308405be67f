/* tally.h: counts by kind and name, for reports. */
#ifndef CORPUS_TALLY_H
#define CORPUS_TALLY_H

#include <stdio.h>

#include "base/strtab.h"

/** Text from outside chooses the names, so further names are counted together as "(others)". */
enum { TALLY_NAMES_MAX = 100000 };

/** {0} is empty. */
struct tally {
    struct strtab names; /* "kind TAB name" */
    uint64_t *count;
    size_t cap;
};

/** Increase the count of a kind and name by `by`. RF_OK or RF_ENOMEM. */
MUST_CHECK int tally_add(struct tally *t, const char *kind, const char *name, uint64_t by);

/** Write lines "kind TAB name TAB count", sorted by kind, then by falling count, then by name.
 * RF_OK, RF_ENOMEM; the caller finds write errors in the file. */
MUST_CHECK int tally_write(const struct tally *t, FILE *to);

/** Free; t is {0} again. */
void tally_free(struct tally *t);

#endif
