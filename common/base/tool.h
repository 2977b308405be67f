/*
 * tool.h: what every tool's main() does the same way.
 *
 *     int main(int argc, char **argv)
 *     {
 *         struct mask_cfg cfg = MASK_CFG_DEFAULT;
 *         struct tool_run run;
 *         int rc;
 *
 *         if (!tool_start(&run, &tool, &cfg, argc, argv))
 *             return run.status;
 *         rc = mask_stream(&cfg, ..., &run.eb);
 *         tool_summary(&run, bytes, "%llu sequences", n);
 *         return tool_finish(&run, rc);
 *     }
 *
 * Besides its own table each tool has -h --help, --version, -q --quiet, -v --verbose and
 * --completion bash|zsh, and with TOOL_CONFIG -c --config FILE, --set KEY=VALUE and
 * --dump-config; a first operand that ends in .yaml is FILE.
 */
#ifndef BASE_TOOL_H
#define BASE_TOOL_H

#include <stdbool.h>

#include "base/opt.h"
#include "base/progress.h"

#ifndef RF_VERSION
#define RF_VERSION "0.1.0"
#endif

enum exit_status {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,  /* the work failed */
    EXIT_USAGE = 2,   /* wrong use: nothing was read */
    EXIT_STOPPED = 75 /* on request, after a durable checkpoint: start it again */
};

enum tool_flag { TOOL_CONFIG = 1 };

struct tool_run;

struct tool {
    const char *name;
    const char *brief;    /* the manual's one line */
    const char *operands; /* for the usage: "[file ...]"; "" takes none */
    int min_operands, max_operands;
    const struct opt *opts;
    unsigned flags;
    const char *operands_row; /* of opts, a text: operands are its words; NULL: they are none */
};

struct tool_run {
    const struct tool *tool;
    char **operands;
    int n_operands;
    bool quiet, verbose;
    int status; /* where tool_start() said no */
    double started;
    struct opt_strings strings; /* the text values of the configuration */
    char summary[512];
    double summary_bytes;
    struct errbuf eb;
};

/**
 * Read defaults < YAML < command line into cfg. Returns true to go on; false where the answer
 * is given already (--help, --version, --dump-config, --completion) or the use is wrong: return
 * run->status then.
 */
MUST_CHECK bool tool_start(struct tool_run *run, const struct tool *tool, void *cfg, int argc,
                           char **argv);

/** Say something by the way (a warning, a stage): one line on stderr, nothing with -q. */
void tool_note(const struct tool_run *run, const char *fmt, ...) PRINTF_LIKE(2, 3);

/** The same of each line of a text that a library call made, which is emptied. */
void tool_notes(const struct tool_run *run, struct buf *lines);

/** tool_note() of "what: n", unless n is 0. */
void tool_note_count(const struct tool_run *run, const char *what, uint64_t n);

/**
 * The closing line, printed by tool_finish() on a terminal or with -v, never with -q: what was
 * read and written; seconds, MB/s of `bytes` (0: none) and peak memory follow it.
 */
void tool_summary(struct tool_run *run, double bytes, const char *fmt, ...) PRINTF_LIKE(3, 4);

/** The same out of counts: "12 pages, 3 empty"; but for the first, what is 0 goes without
 * saying. */
struct tool_count {
    uint64_t n;
    const char *what;
};
void tool_summary_counts(struct tool_run *run, double bytes, const struct tool_count *counts,
                         size_t n);

/**
 * Free, print the error's one line or the summary, and return the exit status: 0, 1, 2
 * (RF_EUSAGE) or 75 (RF_ESTOP). Standard output is flushed and closed: a full disk is found
 * here, 1.
 */
MUST_CHECK int tool_finish(struct tool_run *run, int rc);

#endif
