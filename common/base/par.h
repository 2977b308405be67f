/* par.h: the same work on many items at once. */
#ifndef BASE_PAR_H
#define BASE_PAR_H

#include <stddef.h>

/** The number of threads to use when `asked` were asked for; 0 asks for one a core that is
 * ours. */
int par_threads(unsigned long long asked);

/**
 * Call fn(ctx, i) for each i below n on up to `threads` threads, in any order; returns when all
 * are done. fn must not touch what another i touches.
 */
void par_for(int threads, size_t n, void (*fn)(void *ctx, size_t i), void *ctx);

/**
 * Let waiting threads sleep soon, after some ten microseconds of spinning. On a machine with
 * other work a thread that spins takes the core from the one it waits for, and all is many
 * times slower; on an idle one sleeping at once costs a quarter of training's speed. OpenMP
 * reads its environment before main(), so this starts the program anew, once; call it first.
 * What OMP_WAIT_POLICY or GOMP_SPINCOUNT say already stays.
 */
void par_sleep_waiting(char **argv);

#endif
