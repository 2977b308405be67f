/*
 * standard.h: standard input, output and error at the start and the end of a process.
 */
#ifndef BASE_STANDARD_H
#define BASE_STANDARD_H

#include "base/err.h"

/**
 * Open those of the descriptors 0 to 2 that are closed, so that every use of them is an error.
 * Else the next file that is opened would take their number: it would be read as standard
 * input, or get what is printed. To be called before any file is opened. RF_OK or RF_EIO.
 */
MUST_CHECK int standard_fill(struct errbuf *eb);

/** Flush and close standard output. RF_OK, or RF_EIO: not all that was printed is there. */
MUST_CHECK int standard_end(struct errbuf *eb);

#endif
