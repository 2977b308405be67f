#include "base/signals.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

struct signals {
    pthread_t thread;
    atomic_uint asked;
    atomic_bool held; /* a request to stop waits until it is taken */
    atomic_bool closed;
    sigset_t stop, all;
};

static unsigned meaning(int sig)
{
    return sig == SIGUSR1 ? SIGNAL_SAVE : sig == SIGUSR2 ? SIGNAL_STATUS : SIGNAL_STOP;
}

static void *watch(void *self)
{
    struct signals *s = self;
    sigset_t waited = s->all;

    for (;;) {
        int sig;

        if (sigwait(&waited, &sig) != 0)
            continue;
        if (atomic_load(&s->closed))
            return NULL;
        atomic_fetch_or(&s->asked, meaning(sig));
        if (meaning(sig) != SIGNAL_STOP)
            continue;
        sigemptyset(&waited);
        sigaddset(&waited, SIGUSR1);
        sigaddset(&waited, SIGUSR2);
        pthread_sigmask(SIG_UNBLOCK, &s->stop, NULL);
        if (!atomic_load(&s->held))
            raise(sig); /* the signal now has its usual effect and ends the process */
    }
}

static void add_unless_ignored(sigset_t *set, int sig)
{
    struct sigaction now;

    if (sigaction(sig, NULL, &now) == 0 && now.sa_handler != SIG_IGN)
        sigaddset(set, sig);
}

void signals_defer(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

int signals_watch(struct signals **out, struct errbuf *eb)
{
    struct signals *s = calloc(1, sizeof *s);

    if (!s)
        return err_nomem(eb);
    sigemptyset(&s->stop);
    add_unless_ignored(&s->stop, SIGTERM);
    add_unless_ignored(&s->stop, SIGINT);
    add_unless_ignored(&s->stop, SIGHUP);
    s->all = s->stop;
    sigaddset(&s->all, SIGUSR1);
    sigaddset(&s->all, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &s->all, NULL);
    if (pthread_create(&s->thread, NULL, watch, s) != 0) {
        pthread_sigmask(SIG_UNBLOCK, &s->all, NULL);
        free(s);
        return err_set(eb, RF_ENOMEM, "cannot start a thread");
    }
    *out = s;
    return RF_OK;
}

void signals_hold(struct signals *s)
{
    if (s)
        atomic_store(&s->held, true);
}

unsigned signals_take(struct signals *s)
{
    return atomic_exchange(&s->asked, 0);
}

void signals_close(struct signals *s)
{
    if (!s)
        return;
    /* Not by pthread_cancel(): it loads a library, and ends the process if it cannot. */
    atomic_store(&s->closed, true);
    pthread_kill(s->thread, SIGUSR2);
    pthread_join(s->thread, NULL);
    free(s);
}
