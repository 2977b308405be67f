/* banned.h: calls that this project never makes, each with a better one beside it. The Makefile
 * includes this file before all others. */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <pthread.h> /* these headers declare what is poisoned below, so they must come first */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#undef sprintf  /* with clang the C library makes macros of these two, */
#undef vsprintf /* and a macro that is poisoned is a warning */
#pragma GCC poison strcpy strcat sprintf vsprintf strtok /* snprintf(), buf_printf() */
#pragma GCC poison atoi atol atoll atof                  /* opt_parse_u64(), opt_parse_real() */
#pragma GCC poison rand srand random srandom             /* rng.h: keyed, counter-based */
/* Tell a thread to end: these load a library, and end the process if that fails. */
#pragma GCC poison pthread_cancel pthread_exit

#endif
