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
 *         tool_summary(&run, bytes, "%llu %s", n, plural(n, "sequence", "sequences"));
 *         return tool_finish(&run, rc);
 *     }
 *
 * Besides its own table each tool has -h --help, --version, -q --quiet, -v --verbose and
 * --completion bash|zsh. A tool with TOOL_CONFIG also has -c --config FILE, --set KEY=VALUE and
 * --dump-config, and a first operand that ends in .yaml is FILE.
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
    EXIT_USAGE = 2,   /* wrong use of the tool: nothing was read */
    EXIT_LOST = 71,   /* another process of the run was lost: start all of them again */
    EXIT_STOPPED = 75 /* stopped on request, after a durable checkpoint: start it again */
};

enum tool_flag {
    TOOL_CONFIG = 1,
    TOOL_FOLDERS = 2 /* the operands are folders, and the shell completes folders alone */
};

enum { TOOL_MAX_ROWS = 160 };

struct tool_run;

struct tool {
    const char *name;
    const char *brief;    /* the one line of the manual's NAME section */
    const char *operands; /* for the usage: "[file ...]"; "": the tool takes no operands */
    int min_operands, max_operands;
    const struct opt *opts;
    unsigned flags;
    const char *operands_row; /* the name of a text row of opts whose value is the operands, as
                                 words; NULL: there is none */
};

struct tool_run {
    const struct tool *tool;
    char **operands;
    int n_operands;
    bool quiet, verbose;
    int status; /* the exit status if tool_start() returned false */
    double started;
    bool given[TOOL_MAX_ROWS];  /* for each row of the table: it is on the command line */
    struct opt_strings strings; /* the text values of the configuration */
    char summary[512];
    double summary_bytes;
    struct errbuf eb;
};

/**
 * Read the defaults, then YAML, then the command line into cfg; later values win. Returns true
 * if the tool shall go on. Returns false if the answer is given already (--help, --version,
 * --dump-config, --completion) or the use is wrong; main() then returns run->status.
 */
MUST_CHECK bool tool_start(struct tool_run *run, const struct tool *tool, void *cfg, int argc,
                           char **argv);

/** True if the command line has the option of this name, for a default that depends on other
 * options. */
bool tool_given(const struct tool_run *run, const char *name);

/** Print one line about the work on stderr (a warning, a stage); nothing with -q. */
void tool_note(const struct tool_run *run, const char *fmt, ...) PRINTF_LIKE(2, 3);

/** Print the line with -q too: it says that the answer is another one than was asked for. */
void tool_warn(const struct tool_run *run, const char *fmt, ...) PRINTF_LIKE(2, 3);

/** These do the same with each line of a text that a library call made, and empty the text. */
void tool_notes(const struct tool_run *run, struct buf *lines);
void tool_warnings(const struct tool_run *run, struct buf *lines);

/** Print "what: n" as tool_note() does, unless n is 0. */
void tool_note_count(const struct tool_run *run, const char *what, uint64_t n);
void tool_warn_count(const struct tool_run *run, const char *what,
                     uint64_t n); /* with -q too */

/**
 * Set the closing line, which says what was read and written. tool_finish() prints it on
 * a terminal or with -v, never with -q, and adds the seconds, the MB/s of `bytes` (if
 * not 0) and the peak memory.
 */
void tool_summary(struct tool_run *run, double bytes, const char *fmt, ...) PRINTF_LIKE(3, 4);

/** Make the closing line out of counts: "12 pages, 3 empty". Counts that are 0 are
 * left out, except the first. */
struct tool_count {
    uint64_t n;
    const char *one, *many; /* what is counted: "page", "pages"; "empty", "empty" */
};
void tool_summary_counts(struct tool_run *run, double bytes, const struct tool_count *counts,
                         size_t n);

/**
 * Free `run`, print the error's line or the summary, and return the exit status: 0, 1,
 * 2 (RF_EUSAGE) or 75 (RF_ESTOP). Standard output is flushed and closed here, so a
 * full disk is found here: 1.
 */
MUST_CHECK int tool_finish(struct tool_run *run, int rc);

#endif
