/* tool_parts.h: what tool.c and the files that answer --help and --completion share. */
#ifndef BASE_TOOL_PARTS_H
#define BASE_TOOL_PARTS_H

#include "base/tool.h"

struct common_cfg {
    bool help, version, quiet, verbose, dump;
    const char *config, *set, *completion;
};

/** The options of every tool, and those of a tool with TOOL_CONFIG. Only their names, letters
 * and texts are used: tool.c takes their values. */
extern const struct opt tool_common_rows[], tool_config_rows[];

/** The shells that --completion knows. */
extern const char *const tool_shells[];

/** True for a flag that is on in cfg, which holds the defaults. */
bool tool_default_on(const struct opt *o, const void *cfg);

/** Print the answer to --help: each option with its default, which is what cfg holds. */
void tool_print_help(const struct tool *tool, const void *cfg);

/** Print the answer to --completion SHELL. */
void tool_print_completion(const struct tool *tool, const char *shell);

#endif
