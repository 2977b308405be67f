#include "run/run_device.h"

#include <string.h>

#include "base/par.h"
#include "nn/card.h"

/* The device of that name; of its memory no more is told than `most` leaves, unless that is 0.
 */
static int open_named(struct nn **nn, const char *name, size_t most, struct nn_options o,
                      struct errbuf *eb)
{
    int rc;

    o.device = name;
    rc = nn_open_with(nn, &o, eb);
    if (rc == RF_OK && most && card_memory(most) < (*nn)->about.memory_bytes)
        (*nn)->about.memory_bytes = card_memory(most);
    return rc;
}

static int open_auto(struct nn **nn, const char **name, struct nn_options o,
                     struct errbuf *instead, struct errbuf *eb)
{
    struct errbuf why = {0};

    *name = "cuda";
    if (open_named(nn, *name, 0, o, &why) == RF_OK)
        return RF_OK;
    err_write(instead, "%s; computing on the processor", why.text);
    *name = "cpu";
    return open_named(nn, *name, 0, o, eb);
}

int run_device_set(struct rf_config *cfg, const char *name, struct opt_strings *keep,
                   struct errbuf *eb)
{
    return opt_set(opt_find(rf_config_rows, "train.device"), cfg, name, keep, eb);
}

int run_device(struct nn **nn, struct rf_config *cfg, struct opt_strings *keep,
               uint64_t threads, bool soon, struct errbuf *instead, struct errbuf *eb)
{
    const struct nn_options o = {.kind = NN_CPU,
                                 .threads = par_threads(threads),
                                 .soon = soon,
                                 .gemm = (enum nn_gemm)cfg->train.gemm,
                                 .dtype = (enum nn_dtype)cfg->train.dtype,
                                 .graphs = cfg->train.graphs};
    struct device_choice choice;
    const char *name = choice.name;
    int rc = rf_config_device(&choice, cfg->train.device, eb);

    if (rc != RF_OK)
        return rc;
    rc = strcmp(name, "auto") == 0 ? open_auto(nn, &name, o, instead, eb)
                                   : open_named(nn, name, choice.memory, o, eb);
    return rc == RF_OK ? run_device_set(cfg, name, keep, eb) : rc;
}

void run_device_remarks(const struct nn *nn, const struct rf_config *cfg,
                        const struct errbuf *instead, const struct tool_run *tool)
{
    static const char *const names[] = {[NN_FP32] = "float32",
                                        [NN_BF16] = "bfloat16",
                                        [NN_TF32] = "TF32",
                                        [NN_BF16X3] = "bf16x3"};
    enum nn_dtype wanted = (enum nn_dtype)cfg->train.dtype, is = nn->about.dtype;

    if (*instead->text)
        tool_note(tool, "%s", instead->text);
    if (is != wanted)
        tool_warn(tool, "no %s on this %s: products are of %s", names[wanted],
                  nn->ops->in_host ? "processor" : "GPU", names[is]);
}
