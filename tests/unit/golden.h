/* golden.h: reading the files of tests/golden line by line; for test programs. */
#ifndef TESTS_GOLDEN_H
#define TESTS_GOLDEN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/io.h"

struct golden {
    char path[512], *name;
    struct lines *lines;
    const char *text; /* the line that was read last */
    size_t len;
};

/** Open tests/golden/NAME, or $CORPUS where name is NULL; any failure fails the test. */
static inline void golden_open(struct golden *g, const char *name)
{
    const struct text_cfg plain = {0};
    struct errbuf eb = {0};

    snprintf(g->path, sizeof g->path, "%s%s%s", getenv(name ? "ROOT" : "CORPUS"),
             name ? "/tests/golden/" : "", name ? name : "");
    g->name = g->path;
    if (lines_open(&g->lines, &g->name, 1, &plain, &eb) != RF_OK)
        fail_msg("%s", eb.text);
}

/** Read the next line; false at the end, and g is closed then. */
static inline int golden_next(struct golden *g)
{
    struct errbuf eb = {0};
    int rc = lines_next(g->lines, &g->text, &g->len, &eb);

    if (rc < 0)
        fail_msg("%s", eb.text);
    if (rc == 0)
        lines_close(g->lines);
    return rc;
}

#endif
