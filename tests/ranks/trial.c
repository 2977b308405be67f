/*
 * trial.c: a run on ranks without a model, for tests under a launcher. Each step adds the
 * blocks of SLOTS slots, which are functions of weights, step and slot; each rank updates its
 * part of the weights, and gathers all. Rank 0 prints the weights' digest, and with -v when all
 * work. TERM on any rank stops all after the step. One rank may come to harm in the middle.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/signals.h"
#include "base/tool.h"
#include "ranks/ranks.h"

enum { SLOTS = 16, LEVELS = 5, BUCKETS = 3, NOBODY = RANKS_MAX };

enum harm { HARM_ERROR, HARM_KNOWN, HARM_EXIT, HARM_KILL, HARM_STOP };
static const char *const harms[] = {"error", "known", "exit", "kill", "stop", NULL};

struct trial_cfg {
    uint64_t ranks, steps, floats, wait_ms, victim;
    double heartbeat;
    bool fast;
    int harm;
};

static const struct opt rows[] = {
    OPT_COUNT('n', "ranks", struct trial_cfg, ranks, 0, 1 << 20, "n", "ranks"),
    OPT_TIME('b', "heartbeat", struct trial_cfg, heartbeat,
             "silence of a rank that is allowed"),
    OPT_COUNT('s', "steps", struct trial_cfg, steps, 1, 1 << 30, "n", "steps"),
    OPT_COUNT('f', "floats", struct trial_cfg, floats, 1, 1 << 30, "n", "weights"),
    OPT_COUNT('w', "wait", struct trial_cfg, wait_ms, 0, 1 << 20, "ms", "pause in each step"),
    OPT_FLAG(0, "fast", struct trial_cfg, fast, "leave the order of sums to MPI"),
    OPT_COUNT(0, "victim", struct trial_cfg, victim, 0, NOBODY, "rank", "comes to harm"),
    OPT_CHOICE(0, "harm", struct trial_cfg, harm, harms, "what", "what happens to it"),
    OPT_END};

static const struct tool tool = {
    .name = "trial", .brief = "A run on ranks without a model.", .operands = "", .opts = rows};

struct trial {
    struct trial_cfg cfg;
    struct tool_run run;
    struct ranks ranks;
    struct signals *signals;
    struct ranks_sum *sum[BUCKETS];
    size_t border[BUCKETS][RANKS_MAX + 1], first[BUCKETS + 1];
    float *weights, *blocks; /* LEVELS of `floats` */
};

/* --- a step */

static uint64_t mixed(uint64_t a, uint64_t b)
{
    uint64_t z = (a + 1) * 0x9E3779B97F4A7C15U ^ (b + 1) * 0xD1B54A32D192ED03U;

    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
    return z ^ z >> 27;
}

static float *block(const struct trial *t, size_t level)
{
    return t->blocks + level * t->cfg.floats;
}

/* Elements of one bucket. */
static void slot_block(const struct trial *t, uint64_t step, uint64_t slot, size_t bucket,
                       float *to)
{
    for (size_t i = t->first[bucket]; i < t->first[bucket + 1]; i++) {
        uint64_t z = mixed(step * SLOTS + slot, i);

        to[i] = (float)(int32_t)z * (float)(1 << (z >> 32) % 12) + t->weights[i];
    }
}

/* The sum of n slots' blocks into block[level]. */
static void slots_block(const struct trial *t, uint64_t step, uint64_t first, uint64_t n,
                        size_t bucket, size_t level)
{
    if (n == 1) {
        slot_block(t, step, first, bucket, block(t, level));
        return;
    }
    slots_block(t, step, first, n / 2, bucket, level);
    slots_block(t, step, first + n / 2, n / 2, bucket, level + 1);
    for (size_t i = t->first[bucket]; i < t->first[bucket + 1]; i++)
        block(t, level)[i] += block(t, level + 1)[i];
}

static int step(struct trial *t, uint64_t n, struct errbuf *eb)
{
    uint64_t each = SLOTS / (uint64_t)t->ranks.size;
    size_t part = ranks_part(&t->ranks, t->ranks.rank);
    int rc = RF_OK;

    for (size_t b = 0; b < BUCKETS; b++) {
        slots_block(t, n, (uint64_t)t->ranks.rank * each, each, b, 0);
        ranks_sum_start(t->sum[b], block(t, 0));
    }
    for (size_t b = 0; rc == RF_OK && b < BUCKETS; b++) {
        const size_t *border = t->border[b];

        rc = ranks_sum_finish(t->sum[b], eb);
        for (size_t i = border[part]; i < border[part + 1]; i++)
            t->weights[i] -= 1e-3F * block(t, 0)[i];
        if (rc == RF_OK)
            rc = ranks_gather(&t->ranks, t->weights, border, sizeof(float), eb);
    }
    return rc;
}

static int come_to_harm(struct trial *t, struct errbuf *eb)
{
    bool victim = (uint64_t)t->ranks.rank == t->cfg.victim;

    if (t->cfg.harm == HARM_KNOWN)
        return ranks_agree(&t->ranks,
                           victim ? err_set(eb, RF_EIO, "a rank came to harm") : RF_OK, eb);
    if (!victim)
        return RF_OK;
    switch ((enum harm)t->cfg.harm) {
    case HARM_EXIT: _exit(0);
    case HARM_KILL: return raise(SIGKILL);
    case HARM_STOP: return raise(SIGSTOP);
    case HARM_ERROR:
    case HARM_KNOWN: break;
    }
    return err_set(eb, RF_EIO, "rank %d came to harm", t->ranks.rank);
}

/* True if any rank was asked to stop. */
static int asked(struct trial *t, bool *stop, struct errbuf *eb)
{
    bool mine = signals_take(t->signals) & SIGNAL_STOP, all[RANKS_MAX];
    int rc = ranks_share(&t->ranks, all, &mine, sizeof mine, eb);

    *stop = false;
    for (int i = 0; rc == RF_OK && i < t->ranks.size; i++)
        *stop |= all[i];
    return rc;
}

static int steps(struct trial *t, struct errbuf *eb)
{
    for (uint64_t n = 0; n < t->cfg.steps; n++) {
        bool stop;
        int rc;

        ranks_progress(&t->ranks, n + 1);
        if (t->cfg.victim != NOBODY && n == t->cfg.steps / 2 &&
            (rc = come_to_harm(t, eb)) != RF_OK)
            return rc;
        if ((rc = step(t, n, eb)) != RF_OK || (rc = asked(t, &stop, eb)) != RF_OK)
            return rc;
        if (n == 0 && t->run.verbose && t->ranks.rank == 0)
            tool_note(&t->run, "all ranks work");
        if (stop)
            return ranks_agree(&t->ranks, err_set(eb, RF_ESTOP, "stopped on request"), eb);
        (void)nanosleep(&(struct timespec){(time_t)(t->cfg.wait_ms / 1000),
                                           (long)(t->cfg.wait_ms % 1000) * 1000000},
                        NULL);
    }
    return RF_OK;
}

/* --- */

static int make(struct trial *t, struct errbuf *eb)
{
    size_t n = t->cfg.floats;
    int rc;

    if (SLOTS % t->ranks.size)
        return ranks_agree(
            &t->ranks, err_set(eb, RF_EUSAGE, "%d slots for %d ranks", SLOTS, t->ranks.size),
            eb);
    t->weights = calloc(n, sizeof *t->weights);
    t->blocks = calloc(LEVELS * n, sizeof *t->blocks);
    if (!t->weights || !t->blocks)
        return err_nomem(eb);
    for (size_t b = 0; b < BUCKETS; b++) {
        t->first[b + 1] = n * (b + 1) * (b + 2) / (BUCKETS * (BUCKETS + 1));
        ranks_borders(&t->ranks, t->border[b], t->first[b + 1] - t->first[b]);
        for (int p = 0; p <= t->ranks.size; p++)
            t->border[b][p] += t->first[b];
        if ((rc = ranks_sum_new(&t->sum[b], &t->ranks, t->border[b], t->cfg.fast, eb)) != RF_OK)
            return rc;
    }
    return RF_OK;
}

static void free_all(struct trial *t)
{
    for (size_t b = 0; b < BUCKETS; b++)
        ranks_sum_free(t->sum[b]);
    free(t->blocks);
    free(t->weights);
    signals_close(t->signals);
}

static int work(struct trial *t, struct errbuf *eb)
{
    int rc;

    if ((rc = signals_watch(&t->signals, eb)) != RF_OK ||
        (rc = ranks_open(&t->ranks, t->cfg.ranks, t->cfg.heartbeat, eb)) != RF_OK)
        return rc;
    signals_hold(t->signals);
    if ((rc = make(t, eb)) == RF_OK && (rc = steps(t, eb)) == RF_OK && t->ranks.rank == 0)
        printf("%016llx\n",
               (unsigned long long)XXH3_64bits(t->weights, t->cfg.floats * sizeof(float)));
    return rc;
}

int main(int argc, char **argv)
{
    static struct trial t = {
        .cfg = {.ranks = 1, .steps = 10, .floats = 10000, .victim = NOBODY, .heartbeat = 20}};
    int rc;

    if (!tool_start(&t.run, &tool, &t.cfg, argc, argv))
        return t.run.status;
    rc = work(&t, &t.run.eb);
    free_all(&t);
    if (t.ranks.agreed && t.ranks.rank)
        rc = RF_OK; /* rank 0 says it */
    return ranks_close(&t.ranks, tool_finish(&t.run, rc));
}
