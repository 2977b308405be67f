/*
 * signals.h: being asked to stop, to save or for news, without handlers.
 *
 * SIGTERM, SIGINT and SIGHUP ask to stop, SIGUSR1 to save, SIGUSR2 for news. They are blocked
 * and waited for by a thread of their own, so that the work is never interrupted and looks when
 * it suits. Until signals_hold(), as long as nothing is there to be lost, a request to stop
 * ends the process at once.
 * After the first request to stop those three do again what they do to any program: a second
 * one ends the process at once. Signals that are ignored when the watch begins (nohup) stay
 * ignored.
 */
#ifndef BASE_SIGNALS_H
#define BASE_SIGNALS_H

#include "base/err.h"

enum { SIGNAL_SAVE = 1, SIGNAL_STOP = 2, SIGNAL_STATUS = 4 };

struct signals;

/** Begin to watch; before any other thread is started. RF_OK or RF_ENOMEM. */
MUST_CHECK int signals_watch(struct signals **s, struct errbuf *eb);

/** From now on a request to stop waits until it is taken. NULL is fine. */
void signals_hold(struct signals *s);

/** What was asked for since the last call: SIGNAL_ flags. */
unsigned signals_take(struct signals *s);

/** End the watch; NULL is fine. The signals stay blocked: what comes now comes too late. */
void signals_close(struct signals *s);

#endif
