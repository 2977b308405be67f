#include "run/run_ranks.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/par.h"
#include "base/words.h"

/* --- joining */

/* Whether data.train names standard input, which one process alone has. */
static bool reads_pipe(const struct rf_config *cfg)
{
    const char *name = cfg->data.train;

    return name && name[0] == '-' && (!name[1] || name[1] == '=');
}

int run_ranks_open(struct ranks *r, const struct rf_config *cfg, struct errbuf *eb)
{
    int rc = ranks_open(r, cfg->start.ranks, cfg->start.heartbeat, eb);

    if (rc != RF_OK || r->size == 1)
        return rc;
    if (cfg->start.dry_run || cfg->start.needs)
        rc = err_set(eb, RF_EUSAGE, "%s is for one rank",
                     cfg->start.dry_run ? "--dry-run" : "--needs");
    else if (reads_pipe(cfg))
        rc = err_set(eb, RF_EUSAGE, "standard input cannot be read by several ranks");
    return ranks_agree(r, rc, eb);
}

/* --- what a rank computes with */

/* The share of the machine's cores that its ranks leave to each, if all have as many; a
 * launcher may have given it fewer. */
static uint64_t share_of_cores(const struct ranks *r)
{
    uint64_t own = (uint64_t)par_threads(0);
    uint64_t share = (uint64_t)sysconf(_SC_NPROCESSORS_ONLN) / (uint64_t)r->locals;

    share = share ? share : 1;
    return own < share ? own : share;
}

/* Let the i-th rank of a machine see one card alone: the i-th of those that it may see. */
static int choose_card(const struct ranks *r, struct errbuf *eb)
{
    static const char visible[] = "CUDA_VISIBLE_DEVICES";
    const char *given = getenv(visible);
    char card[64] = "";
    size_t n = 1, i = 0;

    if (!given || !*given) {
        snprintf(card, sizeof card, "%d", r->local);
    } else {
        for (const char *at = given; (at = strchr(at, ',')); at++)
            n++;
        for (i = (size_t)r->local % n; i; i--)
            given = strchr(given, ',') + 1;
        snprintf(card, sizeof card, "%.*s", (int)strcspn(given, ","), given);
    }
    return setenv(visible, card, 1) == 0 ? RF_OK : err_nomem(eb);
}

/* The job of this rank alone. */
static int own_job(struct train_job *job, struct ranks *r, const struct run_data *d,
                   struct opt_strings *keep, struct errbuf *instead, struct errbuf *eb)
{
    uint64_t threads = d->cfg->train.threads;
    int rc;

    if (r->locals > 1 && (rc = choose_card(r, eb)) != RF_OK)
        return rc;
    if (r->locals > 1 && !threads)
        d->cfg->train.threads = share_of_cores(r);
    rc = run_job(job, d, keep, instead, eb);
    d->cfg->train.threads = threads;
    job->ranks = r;
    return rc;
}

/* --- what ranks must have in common */

struct same {
    uint64_t settings;
    uint8_t vocab[CKPT_DIGEST_BYTES], data[CKPT_DIGEST_BYTES];
};

static int same_everywhere(struct ranks *r, const struct same *mine, struct errbuf *eb)
{
    struct same *all = calloc((size_t)r->size, sizeof *all);
    int rc = all ? ranks_share(r, all, mine, sizeof *all, eb) : err_nomem(eb);

    for (int i = 1; i < r->size && rc == RF_OK; i++) {
        if (all[i].settings != all[0].settings)
            rc = err_set(eb, RF_EINVAL, "rank %d has other settings than rank 0", i);
        else if (memcmp(&all[i], &all[0], sizeof *all) != 0)
            rc = err_set(eb, RF_EINVAL, "rank %d has other training data than rank 0", i);
    }
    free(all);
    return rc;
}

static int check_same(struct ranks *r, const struct train_job *job, struct errbuf *eb)
{
    struct buf text = {0};
    struct same mine = {.settings = 0};
    int rc;

    if (r->size == 1)
        return RF_OK;
    rc = opt_write_yaml(rf_config_rows, job->cfg, &text) == RF_OK ? RF_OK : err_nomem(eb);
    if (rc == RF_OK) {
        mine.settings = XXH3_64bits(text.data, text.len);
        memcpy(mine.vocab, job->data.vocab_digest, sizeof mine.vocab);
        memcpy(mine.data, job->data.data_digest, sizeof mine.data);
    }
    buf_free(&text);
    return rc == RF_OK ? same_everywhere(r, &mine, eb) : rc;
}

int run_ranks_job(struct train_job *job, struct ranks *r, const struct run_data *d, int rc,
                  struct tool_run *tool)
{
    struct errbuf instead = {0};

    if ((rc = ranks_agree(r, rc, &tool->eb)) == RF_OK) {
        rc = own_job(job, r, d, &tool->strings, &instead, &tool->eb);
        rc = ranks_agree(r, rc, &tool->eb);
    }
    if (rc != RF_OK)
        return rc;
    if (r->rank == 0)
        run_device_remarks(job->nn, d->cfg, &instead, tool);
    return ranks_agree(r, check_same(r, job, &tool->eb), &tool->eb);
}

/* --- leaving */

int run_ranks_finish(struct ranks *r, struct tool_run *tool, int rc)
{
    if (r->rank > 0 && (rc == RF_OK || rc == RF_ESTOP || r->agreed)) {
        tool->quiet = true;
        rc = RF_OK;
    }
    return ranks_close(r, tool_finish(tool, rc));
}
