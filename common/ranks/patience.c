#include "ranks/patience.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/tool.h"

static struct timespec clock_after(double s)
{
    struct timespec t;
    int64_t ns;

    clock_gettime(CLOCK_MONOTONIC, &t);
    ns = t.tv_nsec + (int64_t)(s * 1e9);
    return (struct timespec){t.tv_sec + (time_t)(ns / 1000000000), (long)(ns % 1000000000)};
}

static void *wait_for_end(void *self)
{
    struct patience *p = self;
    struct timespec until = clock_after(p->limit_s);
    bool over;
    int rc = 0;

    pthread_mutex_lock(&p->lock);
    while (!p->over && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&p->changed, &p->lock, &until);
    over = p->over;
    pthread_mutex_unlock(&p->lock);
    if (over)
        return NULL;
    (void)dprintf(STDERR_FILENO, "%s: not all ranks have come within %g s\n",
                  program_invocation_short_name, p->limit_s);
    _exit(EXIT_LOST);
}

int patience_begin(struct patience *p, double limit_s, struct errbuf *eb)
{
    sigset_t all, before;
    pthread_condattr_t monotonic;

    *p = (struct patience){.limit_s = limit_s};
    if (limit_s == 0)
        return RF_OK;
    pthread_mutex_init(&p->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&p->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    sigfillset(&all); /* signals are for the work */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    p->begun = pthread_create(&p->thread, NULL, wait_for_end, p) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (p->begun)
        return RF_OK;
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
    return err_nomem(eb);
}

void patience_end(struct patience *p)
{
    if (!p->begun)
        return;
    pthread_mutex_lock(&p->lock);
    p->over = true;
    pthread_cond_signal(&p->changed);
    pthread_mutex_unlock(&p->lock);
    pthread_join(p->thread, NULL);
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
    p->begun = false;
}
