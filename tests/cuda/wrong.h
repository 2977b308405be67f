/* wrong.h: programs with one fault each, and without it: what the emulation must notice. */
#ifndef TESTS_CUDA_WRONG_H
#define TESTS_CUDA_WRONG_H

#include <stdbool.h>

struct wrong_scene; /* what each of them has: wrong.cu */

struct wrong {
    const char *name;
    bool seen_plain;                              /* noticed without hooks too */
    bool (*run)(struct wrong_scene *c, bool bad); /* false: a value is wrong */
};

#ifdef __cplusplus
extern "C" {
#endif

/** All of them; one without a name is behind the last. */
extern const struct wrong wrongs[];

/** Run it; false: a value, or an error that was left, says that something was wrong. */
bool wrong_run(const struct wrong *w, bool bad);

#ifdef __cplusplus
}
#endif

#endif
