#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

void err_write(struct errbuf *eb, const char *fmt, ...)
{
    va_list ap;

    if (!eb)
        return;
    va_start(ap, fmt);
    vsnprintf(eb->text, sizeof eb->text, fmt, ap);
    va_end(ap);
    for (char *p = eb->text; *p; p++) /* a file name from outside may hold any byte */
        if ((unsigned char)*p < 0x20 || *p == 0x7F)
            *p = '?';
}

const char *rf_strerror(int rc)
{
    switch ((enum rf_code)rc) {
    case RF_OK: return "done";
    case RF_EINVAL: return "invalid argument";
    case RF_EIO: return "input or output failed";
    case RF_ENOMEM: return "out of memory";
    case RF_EFORMAT: return "broken format";
    case RF_ETRUNC: return "truncated input";
    case RF_ECHECK: return "checksum wrong";
    case RF_ERANGE: return "number out of range";
    case RF_EUSAGE: return "wrong use";
    case RF_ENAN: return "not a finite number";
    case RF_ESTOP: return "stopped on request";
    }
    return "unknown error";
}
