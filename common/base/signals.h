/*
 * signals.h: requests to stop, to save or to report, without signal handlers.
 *
 * SIGTERM, SIGINT and SIGHUP ask to stop, SIGUSR1 asks to save, SIGUSR2 asks for a report. All
 * are blocked, and a thread of its own waits for them; so the work is never interrupted and
 * looks for requests when it suits. Before signals_hold() is called there is nothing to lose,
 * and a request to stop ends the process at once.
 *
 * After the first request to stop, those three signals have their usual effect again:
 * a second one ends the process at once. Signals that are ignored when the watch
 * begins (nohup) stay ignored.
 */
#ifndef BASE_SIGNALS_H
#define BASE_SIGNALS_H

#include "base/err.h"

enum { SIGNAL_SAVE = 1, SIGNAL_STOP = 2, SIGNAL_STATUS = 4 };

struct signals;

/** Let requests to save or to report wait for the watch: before, they would end the process. To
 * be called first in main(). A request to stop has its usual effect until there is a watch. */
void signals_defer(void);

/** Begin to watch. Call this before any other thread is started. RF_OK or RF_ENOMEM. */
MUST_CHECK int signals_watch(struct signals **s, struct errbuf *eb);

/** From now on a request to stop waits until it is taken. NULL is fine. */
void signals_hold(struct signals *s);

/** Returns what was asked for since the last call, as SIGNAL_ flags. */
unsigned signals_take(struct signals *s);

/** End the watch; NULL is fine. The signals stay blocked: a request
 * that comes now is too late. */
void signals_close(struct signals *s);

#endif
