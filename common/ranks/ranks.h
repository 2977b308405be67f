/*
 * ranks.h: processes that share the work of one run, and sums over them whose bits do not
 * depend on how many they are.
 *
 * R ranks, a power of two, are numbered from 0 on. Rank r computes the r-th of R equal runs of
 * leaves (a step's slots) and adds them in a binary tree; here the tree goes on: ranks r and
 * r ^ 1 join first, then r and r ^ 2, ... With each join both keep one half of what they hold,
 * so that in the end a rank has one of R parts, summed over all ranks, and has sent n (1 - 1/R)
 * of n numbers. The sum of the same leaves on half as many ranks is made by the very same
 * additions.
 *
 * All ranks make the same calls in the same order (ranks_fetch(): two of them). One rank alone
 * needs no MPI, and all calls but ranks_close() do nothing there. Calls come from one thread,
 * the one that called ranks_open().
 *
 * A call that waits for another rank cannot hang: a rank that ends or stops is noticed by a
 * thread, which ends this process with EXIT_LOST and one line; see ranks_open().
 */
#ifndef RANKS_RANKS_H
#define RANKS_RANKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { RANKS_MAX = 1024 };

struct wire;
struct heart;

/** {0} is closed. */
struct ranks {
    int rank, size;    /* of one rank alone: 0 and 1 */
    int local, locals; /* the rank's number among the ranks of its machine, and their count */
    bool agreed;       /* a failure that ranks_agree() told all of: rank 0 alone prints it */
    int sums;          /* how many sums were made: each has messages of its own */
    struct wire *wire;
    struct heart *heart;
};

/**
 * Join the other ranks. `asked` is how many there must be; 0 asks for as many as MPI says, 1
 * for no others, and MPI is then not looked for. With more than one a thread starts to listen
 * for the others; one that has ended, or was silent for more than heartbeat_s seconds (0: may
 * be silent as long as it likes), ends this process: a line on standard error names it, and the
 * status is EXIT_LOST. So it ends too if not all have joined in ten minutes (heartbeat_s 0: as
 * long as it takes).
 *
 * RF_EUSAGE: another number of ranks than asked for, not a power of two, or more than
 * RANKS_MAX; processes that a launcher started together, of which each believes to be alone; no
 * plugin reformer-mpi.so, or one of another version. RF_EIO: MPI or the network failed.
 * RF_ENOMEM. After a failure r is closed but for `rank` and `agreed`, which say whether to
 * print it.
 */
MUST_CHECK int ranks_open(struct ranks *r, uint64_t asked, double heartbeat_s,
                          struct errbuf *eb);

/**
 * Leave, and return the status with which the process must now end, at once; standard output
 * is closed and everything is printed by then. 0 and EXIT_STOPPED, and a failure that
 * ranks_agree() told all of, are said by all ranks together: rank 0 waits until all others have
 * ended and returns `status`, the others return 0, since launchers kill what still runs at the
 * first status that is not 0. With any other failure a rank leaves by itself, and the others
 * end with the same status, silently. Of closed ranks it returns `status`.
 */
MUST_CHECK int ranks_close(struct ranks *r, int status);

/** Say which step is being worked on, for the line about a rank that is lost. */
void ranks_progress(struct ranks *r, uint64_t step);

/* --- parts of a block: part p is [border[p], border[p + 1]) of it. The size + 1 borders
 * ascend; parts may be empty, and what lies outside of them is not touched. --- */

/** The part that `rank` has in the end, and the rank that has `part`: their bits are each
 * other's in reverse order. */
size_t ranks_part(const struct ranks *r, int rank);
int ranks_owner(const struct ranks *r, size_t part);

/** How many exchanges a sum has, and a gathering; 0 for one rank alone. */
int ranks_exchanges(const struct ranks *r);

/** The parts that `rank` holds after k exchanges of a sum, or before the last k of a gathering:
 * from *first on, size >> k of them. The k-th exchange, from 0 on, is with rank ^ 1 << k. */
size_t ranks_held(const struct ranks *r, int rank, int k, size_t *first);

/** The borders of n numbers, or of pieces of them, in parts as equal as can be. */
void ranks_borders(const struct ranks *r, size_t *border, size_t n);

/** A sum of blocks of one shape; one that is under way, or waits to be started again. */
struct ranks_sum;

/**
 * Make a sum of blocks with these borders, which are copied. `fast` leaves the
 * additions and their order to MPI: the bits may then depend on the number of ranks, and
 * ranks_sum_start() waits until all is added. Sums are made in the same
 * order on all ranks. RF_OK or RF_ENOMEM; RF_EINVAL: a part is too large for a fast sum.
 * ranks_sum_free() in either case; not while the sum is under way.
 */
MUST_CHECK int ranks_sum_new(struct ranks_sum **s, struct ranks *r, const size_t *border,
                             bool fast, struct errbuf *eb);
void ranks_sum_free(struct ranks_sum *s);

/**
 * Start to add the block x of this rank (host memory) to those of the others. Other sums may be
 * under way and more may be started before it is done: each has messages of its own. Until
 * ranks_sum_finish() returns the block belongs to the sum. ranks_sum_poll() moves it on without
 * waiting; call it now and then, since messages may move only during calls. A failure is kept
 * for ranks_sum_finish(), which waits until it is done: then this rank's part of x is
 * the sum, and what the other parts hold means nothing. RF_EIO: MPI failed.
 */
void ranks_sum_start(struct ranks_sum *s, float *x);
void ranks_sum_poll(struct ranks_sum *s);
MUST_CHECK int ranks_sum_finish(struct ranks_sum *s, struct errbuf *eb);

/** Bring each part of x from the rank that has it to all. `each` is the size of a number in
 * bytes. */
MUST_CHECK int ranks_gather(struct ranks *r, void *x, const size_t *border, size_t each,
                            struct errbuf *eb);

/* --- small things --- */

/** Bring `each` bytes of every rank to all, in the order of ranks: all has room for size * each
 * bytes, and may hold `mine` at its place. */
MUST_CHECK int ranks_share(struct ranks *r, void *all, const void *mine, size_t each,
                           struct errbuf *eb);

/** Bring n bytes of rank 0 to all others. */
MUST_CHECK int ranks_tell(struct ranks *r, void *bytes, size_t n, struct errbuf *eb);

/** Bring n bytes of rank `from` to rank 0. Those two call it; with from 0 it does nothing. */
MUST_CHECK int ranks_fetch(struct ranks *r, int from, void *bytes, size_t n, struct errbuf *eb);

/**
 * What one rank failed with, all fail with: return the code of the first rank whose rc is not
 * RF_OK, on all ranks, with its line in eb ("rank 3: ...", where there is more than one rank).
 * RF_OK if no rank failed. A failure of the call itself is returned too.
 */
MUST_CHECK int ranks_agree(struct ranks *r, int rc, struct errbuf *eb);

#endif
