/* config_same.c: whether two configurations are those of one run. */
#include <string.h>

#include "base/buf.h"
#include "train/config.h"

/* Keys that decide which states the optimiser keeps. */
static bool is_of_optim(const struct opt *o)
{
    static const char *const keys[] = {"optim.name", "optim.first_moment", "optim.ema"};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(o->name, keys[i]) == 0)
            return true;
    return false;
}

/* Whether a run may not change this key: shapes of the checkpoint, and which data come in which
 * order, follow from it. */
static bool is_bound(const struct opt *o)
{
    static const char *const bound[] = {"train.batch",      "train.slots", "train.slots_start",
                                        "train.slots_ramp", "train.seed",  "train.device",
                                        "train.gemm",       "train.dtype", "train.reduce"};

    if (o->flags & OPT_LOCAL)
        return false;
    for (size_t i = 0; i < sizeof bound / sizeof *bound; i++)
        if (strcmp(o->name, bound[i]) == 0)
            return true;
    return is_of_optim(o) || strncmp(o->name, "model.", 6) == 0 ||
           strncmp(o->name, "generator.", 10) == 0 || strncmp(o->name, "data.", 5) == 0;
}

/* Refuse settings that differ in a key that `counts`; the line begins with whose they were, and
 * ends with what follows. */
static int compare(const struct rf_config *was, const struct rf_config *is,
                   bool (*counts)(const struct opt *o), const char *whose, const char *advice,
                   struct errbuf *eb)
{
    struct buf a = {0}, b = {0};
    int rc = RF_OK;

    for (const struct opt *o = rf_config_rows; rc == RF_OK && o->type != OPT_TYPE_END; o++) {
        if (!counts(o))
            continue;
        buf_clear(&a);
        buf_clear(&b);
        if (opt_format(o, was, &a) != RF_OK || opt_format(o, is, &b) != RF_OK)
            rc = err_nomem(eb);
        else if (strcmp(a.data, b.data) != 0)
            rc = err_set(eb, RF_EINVAL, "%s has %s %s, not %s: %s", whose, o->name, a.data,
                         b.data, advice);
    }
    buf_free(&a);
    buf_free(&b);
    return rc;
}

int rf_config_same_run(const struct rf_config *was, const struct rf_config *is,
                       struct errbuf *eb)
{
    return compare(was, is, is_bound, "the run", "choose another train.run", eb);
}

int rf_config_same_optim(const struct rf_config *was, const struct rf_config *is,
                         struct errbuf *eb)
{
    return compare(was, is, is_of_optim, "train.from", "train.from_optim needs the same", eb);
}
