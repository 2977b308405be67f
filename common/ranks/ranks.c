/* ranks.c: joining and leaving. */
#include "ranks/ranks.h"

#include <stdlib.h>

#include "base/opt.h"
#include "base/plugin.h"
#include "base/tool.h"
#include "ranks/heart.h"
#include "ranks/patience.h"
#include "ranks/ranks_join.h"

enum { JOIN_S = 600 }; /* in which all processes must have started */

/* --- what the launcher says */

/* In each process, the number of those that were started together and its own among them:
 * srun's step, Open MPI's mpirun, and what others set who start MPI programs. */
static const char *const launchers[][2] = {{"SLURM_STEP_NUM_TASKS", "SLURM_PROCID"},
                                           {"OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"},
                                           {"PMI_SIZE", "PMI_RANK"}};

static uint64_t number_of(const char *variable)
{
    const char *text = getenv(variable);
    uint64_t n;

    return text && opt_parse_u64(&n, text) == RF_OK ? n : 0;
}

/* A process that MPI leaves alone was not started alone: N of them would do the same work and
 * write the same files. */
static int check_launcher(struct ranks *r, uint64_t asked, struct errbuf *eb)
{
    for (size_t i = 0; i < sizeof launchers / sizeof *launchers; i++) {
        unsigned long long n = number_of(launchers[i][0]);

        if (n < 2)
            continue;
        r->rank = (int)number_of(launchers[i][1]);
        r->agreed = true;
        if (asked == 1)
            return err_set(eb, RF_EUSAGE,
                           "%llu processes were started (%s), but they do not work together: "
                           "--ranks %llu or 0 lets them",
                           n, launchers[i][0], n);
        return err_set(eb, RF_EUSAGE,
                       "%llu processes were started (%s), but MPI sees only one: the launcher "
                       "and reformer-mpi.so are of different kinds (srun --mpi=...)",
                       n, launchers[i][0]);
    }
    return RF_OK;
}

static int check_size(struct ranks *r, uint64_t asked, struct errbuf *eb)
{
    unsigned long long size = (unsigned long long)r->size;
    int rc = size == 1 ? check_launcher(r, asked, eb) : RF_OK;

    if (rc != RF_OK)
        return rc;
    r->agreed = true;
    if (asked && asked != size)
        return err_set(eb, RF_EUSAGE, "--ranks %llu, but %llu %s started%s",
                       (unsigned long long)asked, size, size == 1 ? "was" : "were",
                       size == 1 ? ": mpirun or srun starts more" : "");
    if (size & (size - 1) || size > RANKS_MAX)
        return err_set(eb, RF_EUSAGE, "%llu ranks: not a power of two of at most %d", size,
                       RANKS_MAX);
    r->agreed = false;
    return RF_OK;
}

/* --- MPI */

static int mpi_load(struct wire **w, struct errbuf *eb)
{
    const struct wire_plugin *(*entry)(void);
    const struct wire_plugin *plugin;
    struct errbuf why = {0};
    struct buf path = {0};
    void (*function)(void);
    int rc = plugin_find(&path, "mpi", &why);

    if (rc == RF_OK)
        rc = plugin_load(&function, path.data, "wire_plugin", &why);
    if (rc == RF_OK) {
        entry = (const struct wire_plugin *(*)(void))function;
        plugin = entry();
        if (plugin->version != WIRE_PLUGIN_VERSION || plugin->wire_bytes != sizeof **w)
            rc = err_set(&why, RF_EINVAL, "'%s' was made for another version of the tools",
                         path.data);
    }
    if (rc == RF_OK)
        rc = plugin->open(w, &why);
    buf_free(&path);
    if (rc == RF_OK)
        return RF_OK;
    if (rc == RF_ENOMEM)
        return err_nomem(eb);
    return err_set(eb, rc == RF_EINVAL ? RF_EUSAGE : rc, "no ranks: %s", why.text);
}

void ranks_join(struct ranks *r, struct wire *w)
{
    *r = (struct ranks){
        .rank = w->rank, .size = w->size, .local = w->local, .locals = w->locals, .wire = w};
}

/* Leave the others, but keep what is to be known of the failure. */
static void leave(struct ranks *r, bool together)
{
    if (r->wire && together)
        r->wire->ops->close(r->wire);
    else if (r->wire)
        r->wire->ops->abandon(r->wire);
    *r = (struct ranks){.rank = r->rank, .agreed = r->agreed};
}

/* Once MPI may be there: find it, and hear the others. */
static int join(struct ranks *r, uint64_t asked, double heartbeat_s, struct errbuf *eb)
{
    struct wire *w;
    int rc;

    if (asked != 1) {
        if ((rc = mpi_load(&w, eb)) != RF_OK)
            return rc;
        ranks_join(r, w);
    }
    if ((rc = check_size(r, asked, eb)) != RF_OK) {
        leave(r, true);
        return rc;
    }
    if (r->size > 1 && (rc = heart_open(&r->heart, r, heartbeat_s, eb)) != RF_OK)
        leave(r, false);
    return rc;
}

int ranks_open(struct ranks *r, uint64_t asked, double heartbeat_s, struct errbuf *eb)
{
    bool limited = asked != 1 && heartbeat_s > 0;
    struct patience patience;
    int rc;

    *r = (struct ranks){.size = 1, .locals = 1};
    if ((rc = patience_begin(&patience, limited ? JOIN_S : 0, eb)) != RF_OK)
        return rc;
    rc = join(r, asked, heartbeat_s, eb);
    patience_end(&patience);
    return rc;
}

/* The heart beats until MPI is left, which waits for the others too. */
int ranks_close(struct ranks *r, int status)
{
    bool together = r->agreed || status == EXIT_DONE || status == EXIT_STOPPED;
    struct heart *heart = r->heart;

    if (heart && !together)
        heart_leave(heart, status);
    if (r->size > 1 && together && r->rank)
        status = EXIT_DONE;
    leave(r, together);
    if (heart && together)
        heart_close(heart);
    return status;
}

void ranks_progress(struct ranks *r, uint64_t step)
{
    if (r->heart)
        heart_progress(r->heart, step);
}
