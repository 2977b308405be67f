/*
 * err.h: how a library call fails.
 *
 * Only tools and tests print or exit. A library call returns RF_OK or one of the negative
 * codes. If it touches files, configuration or a device, it also writes one line for people
 * into its errbuf: lower case, no full stop, what failed first, the object in quotes, the place
 * as a number, as in "checksum wrong in 'ko-0007.rfs', frame 17".
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#define MUST_CHECK              __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))

enum rf_code {
    RF_OK = 0,
    RF_EINVAL = -1,  /* an argument or a setting that is not allowed */
    RF_EIO = -2,     /* the system refused to read or write */
    RF_ENOMEM = -3,  /* no memory, or a stated limit on it */
    RF_EFORMAT = -4, /* bytes from outside that break their format */
    RF_ETRUNC = -5,  /* input that ends too early */
    RF_ECHECK = -6,  /* a checksum or digest that differs */
    RF_ERANGE = -7,  /* a number past its limit */
    RF_EUSAGE = -8,  /* wrong use of a tool: nothing was read */
    RF_ENAN = -9,    /* a value that is infinite or not a number */
    RF_ESTOP = -10,  /* stopped on request, after a durable checkpoint was written */
};

/** One line about the failure. It is empty while nothing failed. */
struct errbuf {
    char text[512];
};

/**
 * err_set(eb, rc, format, ...) writes the line and has the value `rc`, so that a failing call
 * can say `return err_set(eb, RF_EIO, ...)`. eb may be NULL: then only the code is passed on. A
 * line that is too long is cut, and control characters become "?". This is a macro, so that
 * compilers and analysers see which code comes back.
 */
#define err_set(eb, rc, ...) (err_write(eb, __VA_ARGS__), (rc))
void err_write(struct errbuf *eb, const char *fmt, ...) PRINTF_LIKE(2, 3);

/** The same for a failed allocation. */
#define err_nomem(eb) err_set(eb, RF_ENOMEM, "out of memory")

/** The name of a code, for messages and tests; never NULL. */
const char *rf_strerror(int rc);

#endif
