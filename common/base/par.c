#include "base/par.h"

#include <omp.h>
#include <stdlib.h>
#include <unistd.h>

/* ThreadSanitizer cannot see into libgomp. Tell it that the threads begin after what was done
 * before the loop, and that what follows the loop comes after all of them. */
#if defined(__SANITIZE_THREAD__)
void __tsan_acquire(void *sync);
void __tsan_release(void *sync);
#define ACQUIRE(sync) __tsan_acquire(sync)
#define RELEASE(sync) __tsan_release(sync)
#define UNSEEN        __attribute__((no_sanitize_thread)) /* libgomp's hand-out of the loop */
#else
#define ACQUIRE(sync) ((void)(sync))
#define RELEASE(sync) ((void)(sync))
#define UNSEEN
#endif

int par_threads(unsigned long long asked)
{
    int cores = omp_get_num_procs();

    return asked && asked < 1024 ? (int)asked : cores;
}

UNSEEN void par_for(int threads, size_t n, void (*fn)(void *ctx, size_t i), void *ctx)
{
    char begin, end;

    RELEASE(&begin);
#pragma omp parallel for schedule(dynamic) num_threads(threads)
    for (size_t i = 0; i < n; i++) {
        ACQUIRE(&begin);
        fn(ctx, i);
        RELEASE(&end);
    }
    ACQUIRE(&end);
}

void par_sleep_waiting(char **argv)
{
    if (getenv("OMP_WAIT_POLICY") || getenv("GOMP_SPINCOUNT"))
        return;
    if (setenv("GOMP_SPINCOUNT", "3000", 0) == 0)
        /* execv() returns only if there is no /proc; then waiting threads spin as before */
        execv("/proc/self/exe", argv);
}
