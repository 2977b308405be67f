/* par.h: the same work on many items at once. */
#ifndef BASE_PAR_H
#define BASE_PAR_H

#include <stddef.h>

/** Returns the number of threads to use when `asked` were asked for. 0 asks for one thread for
 * each core that this process may use. */
int par_threads(unsigned long long asked);

/**
 * Call fn(ctx, i) for each i below n on up to `threads` threads, in any order; returns when all
 * calls are done. A call must not touch what the call for another i touches.
 */
void par_for(int threads, size_t n, void (*fn)(void *ctx, size_t i), void *ctx);

/**
 * Make waiting threads sleep soon, after about ten microseconds of spinning. If the machine has
 * other work, a thread that spins takes the core from the thread it waits for, and everything
 * is many times slower; on an idle machine, sleeping at once costs a quarter of training's
 * speed. OpenMP reads its environment before main(), so this function starts the program once
 * more; call it first. If OMP_WAIT_POLICY or GOMP_SPINCOUNT is already set, it does nothing.
 */
void par_sleep_waiting(char **argv);

#endif
