/* test_train.c: a run that is stopped, killed, saved or robbed of a checkpoint on the way must
 * end with the bytes of one that was not. */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/io.h"
#include "train/task.h"
#include "train/train_parts.h"
#include "train/trained.h"
#include "../ops/far.h"
#include "tsan.h"

enum { V = 24, LEN = 14, RECORDS = 20, MASK_ID = 4, FIRST = 5, STEPS = 23, FILE_MAX = 1 << 24 };

/* A language in which each token is the one before plus 3: to be learned from both sides. The
 * lengths differ, so that there is padding. */
static int sequence(uint64_t i, uint64_t epoch, int32_t *ids, size_t *n, uint32_t *positions,
                    int32_t *labels, size_t *n_labels)
{
    struct rng r = rng_stream(9, epoch, 0, RNG_TEST);

    *n = LEN - i % 3;
    *n_labels = 0;
    for (size_t t = 0; t < *n; t++) {
        ids[t] = FIRST + (int32_t)((i + 3 * t) % (V - FIRST));
        if (rng_below(r, i * LEN + t, 5) != 0)
            continue;
        positions[*n_labels] = (uint32_t)t;
        labels[(*n_labels)++] = ids[t];
        ids[t] = MASK_ID;
    }
    return RF_OK;
}

static int get(void *self, uint64_t i, int32_t *ids, size_t *n, uint32_t *positions,
               int32_t *labels, size_t *n_labels, struct errbuf *eb)
{
    (void)self;
    (void)eb;
    return sequence(i % RECORDS, i / RECORDS, ids, n, positions, labels, n_labels);
}

/* The same without masks, each token the label of the one before it. */
static int get_next(void *self, uint64_t i, int32_t *ids, size_t *n, uint32_t *positions,
                    int32_t *labels, size_t *n_labels, struct errbuf *eb)
{
    (void)self;
    (void)eb;
    *n = LEN - i % RECORDS % 3;
    *n_labels = *n - 1;
    for (size_t t = 0; t < *n; t++) {
        ids[t] = FIRST + (int32_t)((i % RECORDS + 3 * t) % (V - FIRST));
        if (t) {
            positions[t - 1] = (uint32_t)t - 1;
            labels[t - 1] = ids[t];
        }
    }
    return RF_OK;
}

/* How often each id is in RECORDS sequences. */
static const double *counts(void)
{
    static double count[V];
    uint32_t positions[LEN];
    int32_t ids[LEN], was[LEN];
    size_t n, n_labels;

    memset(count, 0, sizeof count);
    for (uint64_t i = 0; i < RECORDS; i++) {
        sequence(i, 0, ids, &n, positions, was, &n_labels);
        for (size_t t = 0; t < n; t++)
            count[FIRST + (i + 3 * t) % (V - FIRST)]++;
    }
    return count;
}

/* A run in folder `name`, and what is to happen to it. */
struct plan {
    struct rf_config cfg;
    struct train_job job;
    struct train_source sets[2];
    uint64_t stop_at, save_at, die_at, note_at; /* steps; 0: never */
    uint64_t step;
    double lr[64];                     /* of each step below that */
    unsigned evaluated, rows, refused; /* refused: a row that cannot be written */
    struct train_start start;
    struct train_report end;
    unsigned missed;        /* how often the system refused */
    struct errbuf eb, miss; /* miss: the line of the last refusal */
};

/* --- a clock that a test may set: it goes on by a second a step */

static _Atomic int false_time; /* 0: it shows the time */

int clock_gettime(clockid_t id, struct timespec *t)
{
    if (false_time > 0 && id == CLOCK_MONOTONIC) {
        *t = (struct timespec){.tv_sec = false_time};
        return 0;
    }
    return (int)syscall(SYS_clock_gettime, id, t);
}

static unsigned asked(void *self)
{
    const struct plan *p = self;

    return (p->step && p->step == p->stop_at ? TRAIN_STOP : 0) |
           (p->step && p->step == p->save_at ? TRAIN_SAVE : 0);
}

static int started(void *self, const struct train_start *s, struct errbuf *eb)
{
    struct plan *p = self;

    (void)eb;
    p->start = *s;
    return RF_OK;
}

static void stepped(void *self, const struct train_report *r)
{
    struct plan *p = self;

    p->step = r->step;
    if (r->step < sizeof p->lr / sizeof *p->lr)
        p->lr[r->step] = r->lr;
    if (false_time > 0)
        false_time++;
    if (p->step == p->die_at)
        raise(SIGKILL);
    if (p->step == p->note_at)
        assert_int_equal(
            system(
                "echo '# a note, longer than a row of the log is: it has as many characters as "
                "there are numbers in one, and a few more, and some more' >>noted/log.tsv"),
            0);
}

static void evaluated(void *self, const struct train_report *r, const struct train_sample *s)
{
    struct plan *p = self;

    assert_true(isfinite(r->eval_loss));
    assert_true(isfinite(r->unigram_loss) == p->job.task->of_tokens);
    assert_true(s->n <= LEN);
    for (size_t i = 0; i < s->n_labels; i++)
        assert_true(s->guess[i] >= 0 && s->guess[i] < V);
    p->evaluated++;
}

static int logged(void *self, const char *json, struct errbuf *eb)
{
    struct plan *p = self;

    assert_true(strncmp(json, "{\"step\":", 8) == 0 && json[strlen(json) - 1] == '\n');
    p->rows++;
    return p->rows == p->refused ? err_set(eb, RF_EIO, "no room") : RF_OK;
}

static void missed(void *self, const char *line)
{
    struct plan *p = self;

    p->missed++;
    snprintf(p->miss.text, sizeof p->miss.text, "%s", line);
}

/* --- a disk that is full: these stand in front of the C library's and refuse some calls */

static struct {
    int folders, rows, short_write; /* how many of a checkpoint's folders, of the log's rows */
    int lock;                       /* errno of flock(); 0: it locks */
} refuse;

int mkdir(const char *path, mode_t mode)
{
    if (strstr(path, "/step-") && refuse.folders > 0 && refuse.folders--) {
        errno = ENOSPC;
        return -1;
    }
    return (int)syscall(SYS_mkdir, path, mode);
}

static bool is_file(int fd, const char *name)
{
    char link[64], path[512] = "";

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    return readlink(link, path, sizeof path - 1) > 0 && strstr(path, name);
}

ssize_t write(int fd, const void *p, size_t n)
{
    if (refuse.rows > 0 && is_file(fd, "/log.tsv") && refuse.rows--) {
        (void)!syscall(SYS_write, fd, p, (size_t)10); /* a part of it finds room */
        errno = EDQUOT;
        return -1;
    }
    if (refuse.short_write && n > 1 && is_file(fd, "/lock"))
        n = 1;
    return syscall(SYS_write, fd, p, n);
}

int flock(int fd, int how)
{
    if (refuse.lock) {
        errno = refuse.lock;
        return -1;
    }
    return (int)syscall(SYS_flock, fd, how);
}

static void plan_init(struct plan *p, const char *run)
{
    *p = (struct plan){.cfg = rf_config_default};
    p->cfg.model.dim = 16;
    p->cfg.model.depth = p->cfg.model.heads = 2;
    p->cfg.model.chunk = 4;
    p->cfg.model.rounds = 2;
    p->cfg.model.ff_mult = 2;
    p->cfg.model.ff_rows = 32;
    p->cfg.model.across_buckets = p->cfg.model.duplicates = true;
    p->cfg.optim.lr = 0.02;
    p->cfg.optim.warmup = 5;
    p->cfg.train = (struct train_cfg){.run = run,
                                      .device = "cpu",
                                      .batch = 4,
                                      .slots = 2,
                                      .steps = STEPS,
                                      .log_every = 4,
                                      .eval_every = 10,
                                      .save_every = 5,
                                      .keep = 2,
                                      .seed = 3,
                                      .threads = 1};
    p->job = (struct train_job){
        .data = {.vocab_size = V,
                 .special.mask = MASK_ID,
                 .special.pad = 0,
                 .special.unk = 1,
                 .special.cls = 2,
                 .special.sep = 3,
                 .max_len = LEN},
        .train = {.name = "train", .records = RECORDS, .max_len = LEN, .get = get},
        .eval = p->sets,
        .n_eval = 1,
        .counts = counts(),
    };
    for (size_t i = 0; i < 2; i++)
        p->sets[i] = (struct train_source){.name = i ? "two" : "one",
                                           .records = 5 + i,
                                           .max_len = LEN,
                                           .get = get,
                                           .bytes_per_token = 2};
}

static int go(struct plan *p)
{
    int rc;

    p->eb = (struct errbuf){0};
    p->job.cfg = &p->cfg;
    if (!p->job.task)
        p->job.task = task_of(&p->cfg);
    p->job.hooks = (struct train_hooks){p, asked, started, stepped, evaluated, logged, missed};
    if (!p->job.nn)
        assert_int_equal(nn_open(&p->job.nn, NN_CPU, (int)p->cfg.train.threads, NULL), RF_OK);
    rc = train_run(&p->job, &p->end, &p->eb);
    nn_close(p->job.nn);
    p->job.nn = NULL;
    return rc;
}

static void run_to_end(struct plan *p)
{
    if (go(p) != RF_OK)
        fail_msg("%s", p->eb.text);
}

static struct buf read_file(const char *run, const char *name)
{
    struct errbuf eb = {0};
    struct buf b = {0};
    char path[512];

    snprintf(path, sizeof path, "%s/%s", run, name);
    if (input_slurp(&b, path, INPUT_RAW, FILE_MAX, &eb) != RF_OK)
        fail_msg("%s", eb.text);
    return b;
}

/* The log without its last six columns, those of the clock and the machine. */
static struct buf read_log(const char *run)
{
    struct buf all = read_file(run, "log.tsv"), kept = {0};

    for (char *line = all.data, *end; *line; line = end + 1) {
        int tabs = 0;
        char *at = line;

        end = strchr(line, '\n');
        assert_non_null(end);
        while (tabs < 14 && at < end)
            tabs += *at++ == '\t';
        assert_int_equal(tabs, 14);
        assert_int_equal(buf_put(&kept, line, (size_t)(at - line)), RF_OK);
        assert_int_equal(buf_put(&kept, "\n", 1), RF_OK);
    }
    buf_free(&all);
    return kept;
}

static void same_bytes(struct buf a, struct buf b, const char *what)
{
    if (a.len != b.len || memcmp(a.data, b.data, a.len) != 0)
        fail_msg("%s differs:\n%.2000s\n%.2000s", what, a.data, b.data);
    buf_free(&a);
    buf_free(&b);
}

static void differ(const char *run, const char *name, const char *other, const char *its)
{
    struct buf a = read_file(run, name), b = read_file(other, its);

    assert_true(a.len != b.len || memcmp(a.data, b.data, a.len) != 0);
    buf_free(&a);
    buf_free(&b);
}

/* Weights, optimiser and log of two finished runs. */
static void same_end(const char *a, const char *b)
{
    char last[64];

    snprintf(last, sizeof last, "step-%08d/weights.safetensors", STEPS);
    same_bytes(read_file(a, last), read_file(b, last), "weights");
    snprintf(last, sizeof last, "step-%08d/optim.safetensors", STEPS);
    same_bytes(read_file(a, last), read_file(b, last), "optimiser");
    same_bytes(read_log(a), read_log(b), "log");
}

/* --- the tests; `whole` is made by the first one and compared with by the others */

/* The unigram loss from its definition: training tokens as they were before masking, one more
 * of each ordinary token, the labels of the evaluation. */
static double unigram_loss(uint64_t eval_records)
{
    const double *count = counts();
    double total = 0, loss = 0;
    size_t n, n_labels, labels = 0;
    uint32_t positions[LEN];
    int32_t ids[LEN], was[LEN];

    for (int i = FIRST; i < V; i++) /* MASK_ID is the last special one */
        total += count[i] + 1;
    for (uint64_t i = 0; i < eval_records; i++) {
        sequence(i, 0, ids, &n, positions, was, &n_labels);
        for (size_t j = 0; j < n_labels; j++, labels++)
            loss -= log((count[was[j]] + 1) / total);
    }
    return loss / (double)labels;
}

static void it_learns(void **state)
{
    struct plan p;

    (void)state;
    plan_init(&p, "learn");
    p.cfg.train.steps = 200;
    p.cfg.train.eval_every = 0;
    run_to_end(&p);
    assert_int_equal(p.evaluated, 1);
    if (!(p.end.eval_loss < 0.7 * p.end.unigram_loss))
        fail_msg("loss %g, unigram %g", p.end.eval_loss, p.end.unigram_loss);
    if (!(fabs(p.end.unigram_loss - unigram_loss(5)) < 1e-9))
        fail_msg("unigram %.9g, not %.9g", p.end.unigram_loss, unigram_loss(5));
    plan_init(&p, "whole");
    run_to_end(&p);
    assert_int_equal(p.evaluated, 3);
}

static void stopped_anywhere_it_ends_the_same(void **state)
{
    (void)state;
    for (uint64_t at = 1; at < STEPS; at += 3) {
        struct plan p;
        char run[32];

        snprintf(run, sizeof run, "stop-%d", (int)at);
        plan_init(&p, run);
        p.stop_at = at;
        assert_int_equal(go(&p), RF_ESTOP);
        assert_int_equal(p.end.step, at);
        p.stop_at = 0;
        run_to_end(&p);
        assert_int_equal(p.start.step, at);
        same_end("whole", run);
    }
}

/* A stop that comes during an evaluation leaves that to the next start: also at the very end.
 */
static void stopped_while_evaluating_it_ends_the_same(void **state)
{
    struct plan p;

    (void)state;
    for (uint64_t at = 10; at <= STEPS; at += STEPS - 10) {
        char run[32];

        snprintf(run, sizeof run, "eval-%d", (int)at);
        plan_init(&p, run);
        p.stop_at = at;
        assert_int_equal(go(&p), RF_ESTOP);
        assert_int_equal(p.evaluated, at == 10 ? 0 : 2);
        p.stop_at = 0;
        run_to_end(&p);
        same_end("whole", run);
    }
}

/* Let a process of its own begin the run and be killed after the step `at`. */
static void die(struct plan *p, uint64_t at)
{
    int status;
    pid_t child;

    if ((child = fork()) == 0) {
        p->die_at = at;
        _exit(go(p));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void killed_it_goes_on_from_the_last_checkpoint(void **state)
{
    struct plan p;

    (void)state;
    for (uint64_t at = 3; at <= STEPS; at += 10) { /* before the first checkpoint, and after */
        char run[32];

        snprintf(run, sizeof run, "kill-%d", (int)at);
        plan_init(&p, run);
        die(&p, at);
        run_to_end(&p);
        assert_int_equal(p.start.step, (at - 1) / 5 * 5);
        same_end("whole", run);
    }
}

static void plan_causal(struct plan *p, const char *run, int layout)
{
    plan_init(p, run);
    p->cfg.data.task = TASK_CLM;
    p->cfg.model.causal = true;
    p->cfg.model.lsh_layout = layout;
    p->job.train.get = p->sets[0].get = get_next;
}

static void killed_a_causal_model_goes_on_too(void **state)
{
    static const char *const names[][2] = {[LAYOUT_CHUNKED] = {"chunked", "chunked-whole"},
                                           [LAYOUT_ALIGNED] = {"aligned", "aligned-whole"}};

    (void)state;
    for (int layout = LAYOUT_CHUNKED; layout <= LAYOUT_ALIGNED; layout++) {
        struct plan p;

        plan_causal(&p, names[layout][1], layout);
        run_to_end(&p);
        plan_causal(&p, names[layout][0], layout);
        for (uint64_t at = 3; at <= STEPS; at += 10)
            die(&p, at);
        run_to_end(&p);
        assert_int_equal(p.start.step, 20);
        same_end(names[layout][1], names[layout][0]);
    }
}

static void a_broken_checkpoint_is_passed_over(void **state)
{
    struct plan p;
    FILE *f;

    (void)state;
    plan_init(&p, "broken");
    p.stop_at = 12;
    assert_int_equal(go(&p), RF_ESTOP);
    f = fopen("broken/step-00000012/weights.safetensors", "r+b");
    assert_non_null(f);
    fseek(f, -5, SEEK_END);
    fputc(0x55, f);
    fclose(f);
    p.stop_at = 0;
    run_to_end(&p);
    assert_int_equal(p.start.step, 10);
    assert_int_equal(p.start.broken, 1);
    same_end("whole", "broken");
}

/* Twice no checkpoint, and rows that find no room: the end is as if nothing had been. */
static void a_disk_that_is_full_for_a_while_does_no_harm(void **state)
{
    struct plan p;

    (void)state;
    plan_init(&p, "full");
    refuse.folders = 2;
    run_to_end(&p);
    assert_int_equal(p.missed, 2);
    assert_string_equal(p.miss.text,
                        "checkpoint of step 10 not written, 2 of 3: cannot make folder "
                        "'full/step-00000010.tmp': No space left on device");
    same_end("whole", "full");
    plan_init(&p, "full-log");
    p.stop_at = 2;
    assert_int_equal(go(&p), RF_ESTOP);
    p.stop_at = 12;
    refuse.rows = 4;
    assert_int_equal(go(&p), RF_ESTOP);
    assert_int_equal(refuse.rows, 0);
    assert_true(p.missed > 0);
    p.stop_at = 0;
    run_to_end(&p);
    assert_false(p.start.log_changed || p.start.log_short);
    same_end("whole", "full-log");
}

static void a_full_disk_ends_the_run_in_time(void **state)
{
    struct ckpt *c = NULL;
    struct plan p;

    (void)state;
    plan_init(&p, "full-3");
    p.stop_at = 7;
    assert_int_equal(go(&p), RF_ESTOP);
    p.stop_at = 0;
    refuse.folders = 3;
    assert_int_equal(go(&p), RF_EIO);
    assert_int_equal(p.missed, 2);
    assert_int_equal(p.step, 20);
    assert_string_equal(p.eb.text, "3 checkpoints in a row not written: cannot make folder "
                                   "'full-3/step-00000020.tmp': No space left on device");
    assert_int_equal(ckpt_open(&c, "full-3", NULL, NULL), RF_OK);
    assert_int_equal(ckpt_state(c)->step, 7);
    ckpt_close(c);
    run_to_end(&p);
    same_end("whole", "full-3");
    /* Behind the last save, and behind one that was to end the run, there is no next one. */
    plan_init(&p, "full-1");
    p.stop_at = 7;
    refuse.folders = 2;
    assert_int_equal(go(&p), RF_EIO);
    assert_int_equal(p.step, 7);
    refuse.folders = 0;
}

static void the_lock_says_what_is_wrong(void **state)
{
    struct plan p;

    (void)state;
    plan_init(&p, "locks");
    p.stop_at = 1;
    refuse.lock = ENOLCK;
    assert_int_equal(go(&p), RF_EIO);
    assert_string_equal(p.eb.text, "cannot lock 'locks/lock': No locks available");
    refuse.lock = 0;
    refuse.short_write = 1;
    assert_int_equal(go(&p), RF_ESTOP);
    refuse.short_write = 0;
}

/* A note between rows, or other line ends: no row is cut in two. */
static void an_edited_log_keeps_its_rows(void **state)
{
    static const char *const edits[] = {
        "sed -i '3i # a note' edited/log.tsv", "sed -i 's/$/\\r/' edited/log.tsv",
        "sed -i '1i # a note' edited/log.tsv", "echo '# a note' >>edited/log.tsv",
        "sed -i '3d' edited/log.tsv"};
    static const bool noted[] = {true, false, true, true, false};
    struct plan p;
    struct buf log;

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(system("rm -rf edited"), 0);
        plan_init(&p, "edited");
        p.stop_at = 12;
        assert_int_equal(go(&p), RF_ESTOP);
        assert_int_equal(system(edits[i]), 0);
        p.stop_at = 0;
        run_to_end(&p);
        assert_true(i == 4 ? p.start.log_short : p.start.log_changed);
        assert_int_equal(system("grep -q '^# a note$' edited/log.tsv") == 0, noted[i]);
        assert_int_equal(system("sed -i '/^#/d; s/\\r$//' edited/log.tsv"), 0);
        if (i < 4)
            same_end("whole", "edited");
        log = read_log("edited");
        buf_free(&log);
    }
}

/* Whoever writes a note behind the last row while training goes on loses no row by it. */
static void a_note_meanwhile_stays(void **state)
{
    struct plan p;

    (void)state;
    plan_init(&p, "noted");
    p.note_at = 6;
    p.stop_at = 12;
    assert_int_equal(go(&p), RF_ESTOP);
    p.stop_at = 0;
    run_to_end(&p);
    assert_false(p.start.log_changed || p.start.log_short);
    assert_int_equal(
        system("grep -q '^# a note' noted/log.tsv && sed -i '/^#/d' noted/log.tsv"), 0);
    same_end("whole", "noted");
}

/* What a killed save left goes at the next start, also of a run that is done. */
static void what_is_left_behind_goes(void **state)
{
    struct plan p;

    (void)state;
    plan_init(&p, "left");
    run_to_end(&p);
    assert_int_equal(
        system("cd left && mkdir step-00000030.tmp && touch step-00000030.tmp/state "
               "step-00000031.tmp && cp -r step-00000023 step-00000023.old && mkdir ../kept "
               "&& touch ../kept/file && ln -s ../kept step-00000032.tmp"),
        0);
    run_to_end(&p);
    assert_true(p.start.done);
    assert_int_equal(system("[ \"$(ls left)\" = \"$(printf 'lock\\nlog.tsv\\nstep-00000020\\n"
                            "step-00000023')\" ] && [ -e kept/file ]"),
                     0);
}

static void a_save_on_request_changes_nothing(void **state)
{
    struct plan p;

    (void)state;
    plan_init(&p, "saved");
    p.save_at = 7;
    p.cfg.train.keep = 100;
    run_to_end(&p);
    assert_int_equal(access("saved/step-00000007/MANIFEST", F_OK), 0);
    same_end("whole", "saved");
}

static void threads_change_nothing(void **state)
{
    struct plan p;

    (void)state;
    plan_init(&p, "threads");
    p.cfg.train.threads = 2;
    run_to_end(&p);
    same_end("whole", "threads");
}

static void a_finished_run_is_left_alone(void **state)
{
    struct buf before = read_file("whole", "log.tsv");
    struct plan p;

    (void)state;
    plan_init(&p, "whole");
    run_to_end(&p);
    assert_int_equal(p.start.step, STEPS);
    assert_int_equal(p.step + p.evaluated, 0);
    same_bytes(before, read_file("whole", "log.tsv"), "log");
}

/* What is there of a log is not thrown away, by a run that is finished or by one that goes on.
 */
static void a_shorter_log_keeps_its_rows(void **state)
{
    struct plan p;
    struct buf all, now;
    size_t third = 0;

    (void)state;
    for (int stop = 12; stop <= STEPS + 1; stop += STEPS - 11) {
        char run[32], path[64];

        snprintf(run, sizeof run, "short-%d", stop);
        snprintf(path, sizeof path, "%s/log.tsv", run);
        plan_init(&p, run);
        p.stop_at = (uint64_t)stop;
        assert_int_equal(go(&p), stop < STEPS ? RF_ESTOP : RF_OK);
        all = read_file(run, "log.tsv");
        third = (size_t)(strstr(strstr(all.data, "\n4\t"), "\n8\t") - all.data) + 1;
        assert_int_equal(truncate(path, (off_t)third + 9), 0); /* a row and part of one */
        p.stop_at = 0;
        run_to_end(&p);
        assert_true(p.start.log_short);
        now = read_file(run, "log.tsv");
        assert_memory_equal(now.data, all.data, third);
        assert_true(stop < STEPS ? now.len > third : now.len == third);
        buf_free(&all);
        buf_free(&now);
    }
    assert_false(p.start.step < STEPS);
}

static void only_the_newest_are_kept(void **state)
{
    (void)state;
    assert_int_equal(access("whole/step-00000023", F_OK), 0);
    assert_int_equal(access("whole/step-00000020", F_OK), 0);
    assert_int_not_equal(access("whole/step-00000015", F_OK), 0);
}

/* Four slots of two and one of eight: the same sequences, the same mean. One pair of chunks and
 * one round, where it does not matter which chunks padding fills. */
static double loss_with_slots(const char *run, uint64_t slots)
{
    struct plan p;

    plan_init(&p, run);
    p.cfg.model.chunk = 8;
    p.cfg.model.rounds = 1;
    p.cfg.train.batch = 8 / slots;
    p.cfg.train.slots = slots;
    p.cfg.train.steps = 6;
    run_to_end(&p);
    return p.end.loss;
}

static void slots_are_a_matter_of_memory(void **state)
{
    double one = loss_with_slots("slots-1", 1), four = loss_with_slots("slots-4", 4);

    (void)state;
    if (!(fabs(one - four) < 1e-4))
        fail_msg("%g and %g", one, four);
}

/* The slots of a step, and the batches of an evaluation, in one, two and four calls: weights,
 * optimiser and log are the same to the byte. With one sequence a batch the sets have a number
 * of batches that is no power of two. */
static void shares_change_nothing(void **state)
{
    (void)state;
    for (size_t shares = 1; shares <= 4; shares *= 2) {
        struct plan p;
        char run[32];

        snprintf(run, sizeof run, "shares-%zu", shares);
        plan_init(&p, run);
        p.cfg.train.batch = 1;
        p.cfg.train.slots = 4;
        p.cfg.optim.clip = 0.01;
        p.job.n_eval = 2;
        p.job.shares = shares;
        run_to_end(&p);
        same_end("shares-1", run);
    }
}

/* Leaf i, of a size that makes the order of a sum visible. */
static struct sums leaf(size_t i)
{
    const struct rng r = rng_stream(5, 0, 0, RNG_TEST);

    return (struct sums){.of = {{.loss = exp(9 * (double)rng_normal(r, i)), .hits = 1}},
                         .labels = i};
}

/* The sum of n leaves by the definition of the tree. */
static double tree_of(size_t first, size_t n)
{
    size_t left = 1;

    if (n == 1)
        return leaf(first).of[0].loss;
    while (2 * left < n)
        left *= 2;
    return tree_of(first, left) + tree_of(first + left, n - left);
}

static void sums_are_those_of_the_tree(void **state)
{
    struct sums_tree t = {.n = 0};

    (void)state;
    for (size_t n = 1; n <= 100; n++) {
        sums_add(&t, leaf(n - 1));
        assert_true(sums_total(&t).of[0].loss == tree_of(0, n));
        assert_true(sums_total(&t).of[0].hits == (double)n);
        assert_int_equal(sums_total(&t).labels, n * (n - 1) / 2);
    }
}

/* What a feed of some slots of each step hands out is what that of all slots has there. */
static void a_feed_of_some_slots_has_those(void **state)
{
    struct ckpt_state at = {.max_len = LEN, .step = 3};
    struct feed *all, *some;
    const struct slot *a, *s;
    struct plan p;
    double waited = 0;

    (void)state;
    plan_init(&p, "feed");
    p.cfg.train.slots = 8;
    p.job.cfg = &p.cfg;
    assert_int_equal(feed_new(&all, &p.job, &at, 5, 0, 1, NULL), RF_OK);
    assert_int_equal(feed_new(&some, &p.job, &at, 5, 1, 4, NULL), RF_OK);
    for (uint64_t i = 0; i < 2 * 8; i++) {
        assert_int_equal(feed_next(all, &a, &waited, NULL), RF_OK);
        if (i % 8 < 2 || i % 8 >= 4)
            continue;
        assert_int_equal(feed_next(some, &s, &waited, NULL), RF_OK);
        assert_int_equal(a->batch.T, s->batch.T);
        assert_memory_equal(a->ids, s->ids, a->batch.B * a->batch.T * sizeof *a->ids);
    }
    feed_free(all);
    feed_free(some);
}

/* --- updates of few slots, and of short pieces, at first */

static void slots_double_in_equal_parts(void **state)
{
    static const struct {
        uint64_t start, slots, ramp;
        uint64_t want[8]; /* of the first updates */
    } cases[] = {
        {0, 4, 0, {4, 4, 4, 4, 4, 4, 4, 4}},        {1, 4, 4, {1, 1, 2, 2, 4, 4, 4, 4}},
        {1, 4, 5, {1, 1, 1, 2, 2, 4, 4, 4}},        {2, 16, 6, {2, 2, 4, 4, 8, 8, 16, 16}},
        {1, 16, 2, {1, 4, 16, 16, 16, 16, 16, 16}}, {4, 4, 6, {4, 4, 4, 4, 4, 4, 4, 4}},
        {1, 2, 1, {1, 2, 2, 2, 2, 2, 2, 2}}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct train_cfg c = {.slots = cases[i].slots,
                                    .slots_start = cases[i].start,
                                    .slots_ramp = cases[i].ramp};
        uint64_t sum = 0;

        for (uint64_t s = 0; s < 8; s++) {
            assert_int_equal(ramp_slots(&c, s), cases[i].want[s]);
            assert_int_equal(ramp_slots_before(&c, s), sum);
            sum += cases[i].want[s];
        }
        assert_int_equal(ramp_slots_before(&c, 1008), sum + 1000 * c.slots);
    }
}

/* 1 slot, then 2, for four updates each, then 4; a constant rate. */
static void plan_ramp(struct plan *p, const char *run)
{
    plan_init(p, run);
    p->cfg.optim.schedule = SCHEDULE_CONSTANT;
    p->cfg.train.batch = 2;
    p->cfg.train.slots = 4;
    p->cfg.train.slots_start = 1;
    p->cfg.train.slots_ramp = 8;
}

/* A run that notes which records it asked for, at most these. */
static struct {
    pthread_mutex_t lock;
    unsigned asked[200];
} records = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int get_and_note(void *self, uint64_t i, int32_t *ids, size_t *n, uint32_t *positions,
                        int32_t *labels, size_t *n_labels, struct errbuf *eb)
{
    pthread_mutex_lock(&records.lock);
    assert_true(i < 200);
    records.asked[i]++;
    pthread_mutex_unlock(&records.lock);
    return get(self, i, ids, n, positions, labels, n_labels, eb);
}

/* However it is stopped and shared out, and each record once. */
static void a_ramp_of_slots_is_a_matter_of_the_step(void **state)
{
    const size_t all = 2 * (4 * 1 + 4 * 2 + (STEPS - 8) * 4);
    struct plan p;

    (void)state;
    plan_ramp(&p, "ramp");
    p.job.train.get = get_and_note;
    run_to_end(&p);
    for (size_t i = 0; i < 200; i++)
        assert_int_equal(records.asked[i], i < all);
    assert_true(fabs(p.end.epoch - (double)all / RECORDS) < 1e-12);
    for (uint64_t at = 1; at < 14; at += 3) {
        char run[32];

        snprintf(run, sizeof run, "ramp-%d", (int)at);
        plan_ramp(&p, run);
        p.stop_at = at;
        p.job.shares = at % 2 ? 4 : 2;
        assert_int_equal(go(&p), RF_ESTOP);
        p.stop_at = 0;
        run_to_end(&p);
        same_end("ramp", run);
    }
    plan_ramp(&p, "ramp-1");
    p.cfg.train.slots_ramp = 9;
    assert_int_equal(go(&p), RF_EINVAL);
    assert_string_equal(p.eb.text,
                        "the run has train.slots_ramp 8, not 9: choose another train.run");
}

/* Updates of n slots in a ramp are those of a run of n slots. */
static void the_first_slots_are_a_run_of_their_own(void **state)
{
    struct plan p;

    (void)state;
    plan_ramp(&p, "ramp-first");
    p.cfg.train.slots_start = 2;
    p.stop_at = 8;
    assert_int_equal(go(&p), RF_ESTOP);
    plan_ramp(&p, "two-slots");
    p.cfg.train.slots = 2;
    p.cfg.train.slots_start = p.cfg.train.slots_ramp = 0;
    p.stop_at = 8;
    assert_int_equal(go(&p), RF_ESTOP);
    same_bytes(read_file("ramp-first", "step-00000008/weights.safetensors"),
               read_file("two-slots", "step-00000008/weights.safetensors"), "weights");
}

/* A checkpoint says what ended the start that wrote it. */
static void expect_limit(const char *run, bool reached)
{
    struct ckpt *c = NULL;

    assert_int_equal(ckpt_open(&c, run, NULL, NULL), RF_OK);
    assert_int_equal(ckpt_state(c)->limit_reached, reached);
    ckpt_close(c);
}

static void a_limit_is_told_from_a_signal(void **state)
{
    struct plan p;

    (void)state;
    plan_init(&p, "limit");
    p.cfg.train.stop_after = "7steps";
    p.stop_at = 4;
    assert_int_equal(go(&p), RF_ESTOP);
    expect_limit("limit", false);
    p.stop_at = 0;
    assert_int_equal(go(&p), RF_ESTOP);
    assert_int_equal(p.end.step, 11);
    expect_limit("limit", true);
    p.stop_at = 13;
    assert_int_equal(go(&p), RF_ESTOP);
    expect_limit("limit", false);
}

/* Limits count the slots there were: 20 records are 10 slots, the last of them in update 7. */
static void a_pass_counts_the_slots_of_a_ramp(void **state)
{
    struct plan p;

    (void)state;
    plan_ramp(&p, "ramp-pass");
    p.cfg.train.stop_after = "1ep";
    assert_int_equal(go(&p), RF_ESTOP);
    assert_int_equal(p.end.step, 7);
    assert_int_equal(go(&p), RF_ESTOP); /* from 10 slots on: 2 more, then 4 each */
    assert_int_equal(p.end.step, 10);
}

/* Records as the pieces that those of get() are cut into at 7 tokens: two each. */
static int get_halves(void *self, uint64_t i, int32_t *ids, size_t *n, uint32_t *positions,
                      int32_t *labels, size_t *n_labels, struct errbuf *eb)
{
    uint32_t all_positions[LEN];
    int32_t all[LEN], all_labels[LEN];
    size_t from, to, whole, n_all;
    int rc = get(self, i / 2, all, &whole, all_positions, all_labels, &n_all, eb);

    from = i % 2 ? whole / 2 : 0;
    to = i % 2 ? whole : whole / 2;
    *n = to - from;
    *n_labels = 0;
    memcpy(ids, all + from, *n * sizeof *ids);
    for (size_t k = 0; k < n_all; k++) {
        if (all_positions[k] < from || all_positions[k] >= to)
            continue;
        positions[*n_labels] = all_positions[k] - (uint32_t)from;
        labels[(*n_labels)++] = all_labels[k];
    }
    return rc;
}

static void pieces_are_sequences(void **state)
{
    struct plan p;

    (void)state;
    plan_init(&p, "halves");
    p.cfg.train.batch = 8;
    p.job.train.get = get_halves;
    p.job.train.records = 2 * RECORDS;
    p.job.n_eval = 0; /* its batches would be of another size */
    run_to_end(&p);
    plan_init(&p, "pieces");
    p.cfg.train.lengths = "7@1K";
    p.job.n_eval = 0;
    run_to_end(&p);
    same_end("halves", "pieces");
    for (uint64_t at = 1; at < 14; at += 3) {
        char run[32];

        snprintf(run, sizeof run, "lengths-%d", (int)at);
        for (int whole = 1; whole >= 0; whole--) {
            plan_init(&p, whole ? "lengths" : run);
            p.cfg.train.lengths = "3@4,5@6,7@11"; /* 5 pieces, of 2 or 3 tokens each; 3; 2 */
            p.stop_at = whole ? 0 : at;
            if (!whole)
                assert_int_equal(go(&p), RF_ESTOP);
            p.stop_at = 0;
            run_to_end(&p);
        }
        same_end("lengths", run);
    }
}

static void pieces_that_cut_nothing_are_refused(void **state)
{
    struct plan p;

    (void)state;
    plan_init(&p, "refused");
    p.cfg.train.lengths = "7@4,14@6";
    assert_int_equal(go(&p), RF_EINVAL);
    assert_string_equal(p.eb.text,
                        "train.lengths cuts nothing at 14: sequences have up to 14 tokens");
}

/* --- the device is waited for once a step */

struct waits {
    struct nn_ops ops;
    const struct nn_ops *well;
    uint64_t seen, before[STEPS + 1];
};

static void counted_download(struct nn *nn, void *to, const void *from, size_t bytes)
{
    struct waits *w = (struct waits *)(uintptr_t)nn->ops;

    w->seen++;
    w->well->download(nn, to, from, bytes);
}

static void note_waits(void *self, const struct train_report *r)
{
    struct waits *w = self;

    w->before[r->step] = w->seen;
}

static void a_step_waits_once(void **state)
{
    (void)state;
    for (int in_backward = 0; in_backward < 2; in_backward++) {
        struct waits w = {.seen = 0};
        struct plan p;

        plan_init(&p, in_backward ? "waits-backward" : "waits");
        p.cfg.train.slots = in_backward ? 1 : 4;
        p.cfg.train.eval_every = p.cfg.train.save_every = 0;
        p.cfg.optim.in_backward = in_backward;
        p.cfg.optim.clip = in_backward ? 0 : 1;
        p.job.cfg = &p.cfg;
        p.job.task = task_of(&p.cfg);
        p.job.hooks = (struct train_hooks){.self = &w, .stepped = note_waits};
        assert_int_equal(nn_open(&p.job.nn, NN_CPU, 1, NULL), RF_OK);
        w.well = p.job.nn->ops;
        w.ops = *w.well;
        w.ops.download = counted_download;
        p.job.nn->ops = &w.ops;
        assert_int_equal(train_run(&p.job, NULL, &p.eb), RF_OK);
        nn_close(p.job.nn);
        for (uint64_t k = 2; k < STEPS; k++)
            assert_int_equal(w.before[k] - w.before[k - 1], 1);
    }
}

/* --- a task of one's own: is the token at a position even? */

static const struct model_output parity_outputs[] = {
    {"parity.weight", 2, (size_t)MODEL_DIM, 'w'}, {"parity.bias", 2, 0, '0'}};

static int parity_get(void *self, uint64_t i, int32_t *ids, size_t *n, uint32_t *positions,
                      int32_t *labels, size_t *n_labels, struct errbuf *eb)
{
    (void)self;
    (void)eb;
    *n_labels = *n = LEN - i % 3;
    for (size_t t = 0; t < *n; t++) {
        ids[t] = FIRST + (int32_t)((i + 3 * t) % (V - FIRST));
        positions[t] = (uint32_t)t;
        labels[t] = ids[t] % 2;
    }
    return RF_OK;
}

/* Its room on the device, of the only learner that there is at a time. */
static float *parity_room;

static int parity_loss(struct learner *l, const struct model_batch *b,
                       const struct model_draw *draw, float *grad,
                       const struct model_sink *sink, struct nn_sum *sum, struct errbuf *eb)
{
    const struct params *ps = model_params(l->model);
    const struct param *w = &ps->p[PARAM_OUTPUT], *bias = &ps->p[PARAM_OUTPUT + 1];
    size_t E = ps->shape.dim, room = 4 * LEN * E;
    float *hidden = parity_room, *dhidden = hidden + room, *loss = dhidden + room;
    int32_t *hit = (int32_t *)(void *)(loss + 4 * LEN), *labels = hit + 4 * LEN;
    float *weights = model_weights(l->model);
    int rc = model_hidden(l->model, b, draw, hidden, eb);

    assert_null(sink);
    l->nn->ops->upload(l->nn, labels, b->labels, b->n * sizeof *labels);
    l->nn->ops->cross_entropy(l->nn, loss, hit, grad ? dhidden : NULL,
                              grad ? grad + w->offset : NULL, grad ? grad + bias->offset : NULL,
                              hidden, weights + w->offset, weights + bias->offset, labels, 1, 0,
                              0, b->n, E, 2);
    l->nn->ops->add_losses(l->nn, sum, loss, hit, b->n);
    l->nn->ops->add_losses(l->nn, sum + 1, loss, hit, b->n > 0);
    return rc == RF_OK && grad ? model_hidden_bwd(l->model, dhidden, grad, eb) : rc;
}

static double parity_labels(const struct rf_config *c, double tokens)
{
    (void)c;
    return tokens;
}

static double firsts(const struct sums *s)
{
    return s->of[1].hits;
}

static void note_parity(void *self, const struct train_report *r, const struct train_sample *s)
{
    (void)self;
    assert_true(isfinite(r->eval_loss) && isnan(r->unigram_loss) && s->n == 0);
}

static void a_task_of_ones_own_is_learned(void **state)
{
    static const struct task_column columns[] = {{"firsts", 1, firsts}, {NULL, 0, NULL}};
    static const struct task parity = {.sums = 2,
                                       .outputs = parity_outputs,
                                       .n_outputs = 2,
                                       .labels = parity_labels,
                                       .loss = parity_loss,
                                       .columns = columns};
    struct buf log, config;
    struct plan p;

    (void)state;
    parity_room = calloc(4 * LEN * 64, sizeof *parity_room);
    plan_init(&p, "parity");
    p.job.task = &parity;
    p.job.train.get = p.sets[0].get = parity_get;
    p.stop_at = 11;
    p.job.cfg = &p.cfg;
    p.job.hooks =
        (struct train_hooks){&p, asked, started, stepped, note_parity, logged, missed};
    for (int start = 0; start < 2; start++, p.stop_at = 0) {
        assert_int_equal(nn_open(&p.job.nn, NN_CPU, 1, NULL), RF_OK);
        assert_int_equal(train_run(&p.job, &p.end, &p.eb), start ? RF_OK : RF_ESTOP);
        nn_close(p.job.nn);
    }
    assert_true(p.end.eval_loss < 0.3 && p.end.eval_acc > 0.9);
    log = read_file("parity", "log.tsv");
    assert_non_null(strstr(log.data, "\twait\tfirsts\n"));
    assert_non_null(strstr(log.data, "\t-\t2.0\n")); /* a set of two batches */
    config = read_file("parity", "step-00000023/weights.safetensors");
    assert_non_null(memmem(config.data, config.len, "\"parity.weight\"", 15));
    buf_free(&log);
    buf_free(&config);
    free(parity_room);
}

/* --- a model and its generator */

static void plan_electra(struct plan *p, const char *run)
{
    plan_init(p, run);
    p->cfg.data.task = TASK_ELECTRA;
    p->cfg.generator = (struct generator_cfg){
        .dim = 8, .heads = 1, .temperature = 1, .weight = 1, .discriminator_weight = 50};
    p->cfg.model.post_attn_dropout = 0.1;
    p->cfg.optim.lr = 0.005;
}

/* Columns of the task, behind those of the clock. */
static struct buf read_task_columns(const char *run)
{
    struct buf all = read_file(run, "log.tsv"), kept = {0};

    for (char *line = all.data, *end; *line; line = end + 1) {
        char *at = strchr(line, '\t');

        end = strchr(line, '\n');
        for (int tabs = 1; tabs < 20; tabs++)
            at = strchr(at + 1, '\t');
        assert_true(end && at && at < end);
        assert_int_equal(buf_put(&kept, at, (size_t)(end + 1 - at)), RF_OK);
    }
    buf_free(&all);
    return kept;
}

static void same_electra(const char *a, const char *b)
{
    same_end(a, b);
    same_bytes(read_task_columns(a), read_task_columns(b), "columns of the task");
}

static void both_models_learn(void **state)
{
    struct buf log;
    struct plan p;

    (void)state;
    plan_electra(&p, "electra-learn");
    p.cfg.train.steps = 200;
    p.cfg.train.eval_every = 0;
    run_to_end(&p);
    log = read_task_columns("electra-learn");
    assert_true(strncmp(log.data, "\tgenerator_loss\tgenerator_acc\t", 30) == 0);
    assert_true(p.end.eval_acc > 0.9);
    buf_free(&log);
    plan_electra(&p, "electra");
    run_to_end(&p);
}

static void both_models_go_on_as_they_were(void **state)
{
    static const uint64_t at[] = {1, 5, 11, 20};
    struct plan p;

    (void)state;
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        char run[32];

        snprintf(run, sizeof run, "electra-stop-%zu", i);
        plan_electra(&p, run);
        p.stop_at = at[i];
        assert_int_equal(go(&p), RF_ESTOP);
        p.stop_at = 0;
        run_to_end(&p);
        same_electra("electra", run);
    }
    plan_electra(&p, "electra-kill");
    for (uint64_t step = 3; step <= STEPS; step += 10)
        die(&p, step);
    run_to_end(&p);
    same_electra("electra", "electra-kill");
}

/* Slots that differ in their labels and tokens, in one, two and four calls; with other threads;
 * in memory out of the host's reach. */
static void shares_change_nothing_for_two_models(void **state)
{
    const struct nn_options options = {.kind = NN_CPU, .threads = 1};

    (void)state;
    for (size_t shares = 1; shares <= 8; shares *= 2) {
        struct plan p;
        char run[32];

        snprintf(run, sizeof run, "electra-shares-%zu", shares);
        plan_electra(&p, run);
        p.cfg.train.batch = 1;
        p.cfg.train.slots = 4;
        p.cfg.train.threads = shares == 4 ? 3 : 1;
        p.cfg.optim.clip = 0.01;
        p.job.n_eval = 2;
        p.job.shares = shares <= 4 ? shares : 1;
        if (shares == 8)
            assert_int_equal(far_open(&p.job.nn, &options, NULL), RF_OK);
        run_to_end(&p);
        same_electra("electra-shares-1", run);
    }
}

static void every_optimiser_goes_on_with_two_models(void **state)
{
    (void)state;
    for (int kind = OPTIM_ADAMW; kind <= OPTIM_MUON; kind++) {
        char run[2][32];

        for (int part = 0; part < 2; part++) {
            struct plan p;

            snprintf(run[part], sizeof run[part], "electra-%d-%d", kind, part);
            plan_electra(&p, run[part]);
            p.cfg.optim.kind = kind;
            p.cfg.optim.ema = 0.9;
            p.cfg.train.eval_ema = true;
            p.cfg.optim.lr = 0.002;
            p.stop_at = part ? 11 : 0;
            if (part)
                assert_int_equal(go(&p), RF_ESTOP);
            p.stop_at = 0;
            run_to_end(&p);
        }
        same_electra(run[0], run[1]);
    }
}

/* A class of each sequence, at its first token. */
static int get_class(void *self, uint64_t i, int32_t *ids, size_t *n, uint32_t *positions,
                     int32_t *labels, size_t *n_labels, struct errbuf *eb)
{
    int rc = get_next(self, i, ids, n, positions, labels, n_labels, eb);

    *n_labels = 1;
    labels[0] = (int32_t)(i % 2);
    return rc;
}

static void same_tensor(const struct st_file *a, const struct st_file *b, const char *name)
{
    const struct st_view *x = st_find(a, name), *y = st_find(b, name);

    assert_true(x && y && x->bytes == y->bytes);
    assert_memory_equal(x->data, y->data, x->bytes);
}

/* A later run takes the discriminator, whatever it learns; the generator is nothing to it. */
static void other_tasks_begin_with_the_discriminator(void **state)
{
    static const int tasks_of[] = {TASK_MLM, TASK_CLASSIFY};
    static const char *const names[] = {
        "token.weight",        "pos.axial0.weight", "layer.0.attn.qk.weight",
        "layer.1.ff.out.bias", "norm.weight",       "norm.bias"};
    struct st_file *from = NULL, *to = NULL;

    (void)state;
    assert_int_equal(st_open(&from, "electra/step-00000023/weights.safetensors", NULL), RF_OK);
    assert_null(st_find(from, "head.weight"));
    assert_non_null(st_find(from, "generator.head.weight"));
    for (size_t i = 0; i < sizeof tasks_of / sizeof *tasks_of; i++) {
        char run[32], path[96];
        struct plan p;

        snprintf(run, sizeof run, "electra-to-%zu", i);
        plan_init(&p, run);
        p.cfg.data.task = tasks_of[i];
        p.cfg.train.from = "electra";
        p.cfg.train.steps = 1;
        p.cfg.optim.lr = p.cfg.optim.decay = 0;
        if (tasks_of[i] == TASK_CLASSIFY) {
            p.job.train.get = p.sets[0].get = get_class;
            p.job.data.classes = "odd\neven\n";
        }
        run_to_end(&p);
        snprintf(path, sizeof path, "%s/step-00000001/weights.safetensors", run);
        assert_int_equal(st_open(&to, path, NULL), RF_OK);
        for (size_t k = 0; k < sizeof names / sizeof *names; k++)
            same_tensor(from, to, names[k]);
        assert_null(st_find(to, "generator.head.weight"));
        assert_null(st_find(to, "replaced.weight"));
        st_close(to);
    }
    st_close(from);
}

static void another_run_is_refused(void **state)
{
    struct plan p;

    (void)state;
    plan_init(&p, "whole");
    p.cfg.model.dim = 32;
    assert_int_equal(go(&p), RF_EINVAL);
    assert_non_null(strstr(p.eb.text, "model.dim"));
    plan_init(&p, "whole");
    p.job.data.vocab_digest[5] = 1;
    assert_int_equal(go(&p), RF_EINVAL);
    assert_non_null(strstr(p.eb.text, "vocabulary"));
    plan_init(&p, "whole");
    p.cfg.model.max_len = LEN - 1;
    assert_int_equal(go(&p), RF_EINVAL);
    plan_init(&p, "whole");
    p.cfg.model.max_len = 2 * LEN;
    assert_int_equal(go(&p), RF_EINVAL);
    plan_init(&p, "nothing");
    p.job.train.records = 0;
    assert_int_equal(go(&p), RF_EINVAL);
}

/* Longer than there is room for, whoever asks. */
static void long_records_are_refused(void **state)
{
    struct ckpt_state data = {.max_len = LEN - 1};
    struct slot slot = {0};
    struct plan p;

    (void)state;
    plan_init(&p, "too-long");
    p.job.data.max_len = LEN - 1;
    assert_int_equal(go(&p), RF_EINVAL);
    assert_string_equal(p.eb.text, "'train' has sequences of 14 tokens, the model takes 13: "
                                   "make them with --max-len 13");
    plan_init(&p, "too-long-eval");
    p.job.data.max_len = LEN;
    p.sets[0].max_len = LEN + 1;
    assert_int_equal(go(&p), RF_EINVAL);
    assert_non_null(strstr(p.eb.text, "'one' has sequences of 15 tokens"));
    assert_int_equal(slot_fill(&slot, &p.sets[0], 0, 2, 0, &data, &p.eb), RF_EINVAL);
    assert_non_null(strstr(p.eb.text, "the model takes 13"));
}

static void a_second_writer_is_refused(void **state)
{
    FILE *lock = fopen("whole/lock", "r+");
    struct plan p;

    (void)state;
    assert_non_null(lock);
    assert_int_equal(flock(fileno(lock), LOCK_EX), 0);
    plan_init(&p, "whole");
    assert_int_equal(go(&p), RF_EIO);
    assert_non_null(strstr(p.eb.text, "is being written by process"));
    fclose(lock);
}

/* --- numbers that are not finite: a device whose loss is NaN in chosen steps */

struct sick {
    struct nn_ops ops;
    const struct nn_ops *well;
    uint64_t calls, from, to; /* calls with gradients that are sick, two a step */
    uint64_t well_at;         /* a step that is not, from 0 */
};

/* The op has no room for a context, so the table that holds it is found from the device. */
static void sick_cross_entropy(struct nn *nn, float *loss, int32_t *hit, float *dx, float *dw,
                               float *dbias, const float *x, const float *w, const float *bias,
                               const int32_t *label, float scale, float z_loss, float smoothing,
                               size_t rows, size_t E, size_t size)
{
    struct sick *s = (struct sick *)(uintptr_t)nn->ops;

    s->well->cross_entropy(nn, loss, hit, dx, dw, dbias, x, w, bias, label, scale, z_loss,
                           smoothing, rows, E, size);
    if (!dx)
        return;
    if (s->calls >= s->from && s->calls < s->to && s->calls / 2 != s->well_at) {
        if (s->calls / 2 % 2) /* the loss or a gradient, step about */
            loss[0] = NAN;
        else
            dx[0] = INFINITY;
    }
    s->calls++;
}

static void make_sick(struct sick *s, struct plan *p, uint64_t from, uint64_t to)
{
    assert_int_equal(nn_open(&p->job.nn, NN_CPU, 1, NULL), RF_OK);
    *s = (struct sick){.ops = *p->job.nn->ops,
                       .well = p->job.nn->ops,
                       .from = from,
                       .to = to,
                       .well_at = UINT64_MAX};
    s->ops.cross_entropy = sick_cross_entropy;
    p->job.nn->ops = &s->ops;
}

static void a_step_that_is_not_finite_is_skipped(void **state)
{
    struct sick s;
    struct plan p;

    (void)state;
    plan_init(&p, "sick");
    make_sick(&s, &p, 8, 24); /* steps 5 to 12, of two slots each */
    s.well_at = 8;            /* but step 9 */
    run_to_end(&p);
    assert_int_equal(p.end.skipped, 7);
    assert_int_equal(p.end.step, STEPS);
    assert_true(isfinite(p.end.eval_loss) && isfinite(p.end.loss));
}

static void five_in_a_row_end_the_run(void **state)
{
    struct sick s;
    struct plan p;

    (void)state;
    plan_init(&p, "dead");
    make_sick(&s, &p, 14, 24); /* steps 8 to 12 */
    assert_int_equal(go(&p), RF_ENAN);
    assert_non_null(strstr(p.eb.text, "'dead/step-00000005'"));
    assert_int_not_equal(access("dead/step-00000010", F_OK), 0);
    plan_init(&p, "stillborn");
    make_sick(&s, &p, 0, 100);
    p.cfg.train.save_every = 0;
    assert_int_equal(go(&p), RF_ENAN);
    assert_non_null(strstr(p.eb.text, "no good checkpoint"));
}

/* The weights of step 10 may be what is no good. Saves that are asked for drop nothing, nor is
 * a start that is sick at once taken in by the checkpoint it comes from. */
static void the_last_good_checkpoint_has_a_step_after_it(void **state)
{
    struct sick s;
    struct plan p;

    (void)state;
    plan_init(&p, "unsure");
    make_sick(&s, &p, 20, 100); /* from step 11 on */
    p.save_at = 12;
    p.stop_at = 13;
    assert_int_equal(go(&p), RF_ESTOP);
    assert_int_equal(access("unsure/step-00000005", F_OK), 0);
    assert_int_equal(access("unsure/step-00000013", F_OK), 0);
    p.save_at = p.stop_at = 0;
    make_sick(&s, &p, 0, 100);
    assert_int_equal(go(&p), RF_ENAN);
    assert_non_null(
        strstr(p.eb.text, "to step 15; last good checkpoint: 'unsure/step-00000005'"));
}

static void what_was_due_is_saved_after_the_skips(void **state)
{
    struct sick s;
    struct plan p;

    (void)state;
    plan_init(&p, "owed");
    make_sick(&s, &p, 18, 24); /* steps 10 to 12 */
    p.cfg.train.keep = 100;
    run_to_end(&p);
    assert_int_not_equal(access("owed/step-00000010", F_OK), 0);
    assert_int_equal(access("owed/step-00000013", F_OK), 0);
}

/* --- ways to train */

/* Whatever is kept besides the weights comes back from a checkpoint. */
static void every_optimiser_goes_on_as_it_was(void **state)
{
    (void)state;
    for (int kind = OPTIM_ADAMW; kind <= OPTIM_MUON; kind++) {
        for (int part = 0; part < 2; part++) {
            struct plan p;
            char run[32];

            snprintf(run, sizeof run, "kind-%d-%d", kind, part);
            plan_init(&p, run);
            p.cfg.optim.kind = kind;
            p.cfg.optim.first_moment = kind == OPTIM_ADAFACTOR;
            p.cfg.optim.ema = kind == OPTIM_ADAMW ? 0 : 0.9;
            p.cfg.train.eval_ema = true;
            p.cfg.optim.lr = 0.002;
            p.job.n_eval = 2;
            if (part) {
                p.stop_at = 11;
                assert_int_equal(go(&p), RF_ESTOP);
                p.stop_at = 0;
            }
            run_to_end(&p);
            assert_true(isfinite(p.end.eval_loss));
        }
    }
    same_end("kind-0-0", "kind-0-1");
    same_end("kind-1-0", "kind-1-1");
    same_end("kind-2-0", "kind-2-1");
    same_end("kind-3-0", "kind-3-1");
}

/* --- updates in backward: the same numbers */

static void vary(struct plan *p, int which)
{
    struct model_cfg *m = &p->cfg.model;

    p->cfg.train.slots = 1;
    p->cfg.optim.clip = 0;
    p->cfg.optim.lr = 0.002;
    switch (which) {
    case 0: /* more weights than a batch takes memory */
        p->cfg.optim.ema = 0.9;
        p->cfg.train.eval_ema = true;
        p->cfg.train.memory = 1;
        m->depth = 6;
        m->ff_mult = 16;
        m->ff_rows = 8;
        break;
    case 1: p->cfg.optim.kind = OPTIM_ADAFACTOR; break;
    case 2: p->cfg.optim.kind = OPTIM_LION; break;
    case 3:
        m->tied_embedding = true;
        p->cfg.train.z_loss = 0.01;
        p->cfg.train.label_smoothing = 0.1;
        break;
    case 4: m->emb_dim = 8; break;
    case 5:
        m->emb_dim = 8;
        m->tied_embedding = true;
        break;
    case 6: m->layer_dropout = 0.5; break;
    case 7: m->norm = NORM_REZERO; break;
    case 8:
        m->mem_kv = 4;
        m->attn_heads = 1;
        break;
    case 9:
        m->pkm_layers = "1";
        m->pkm_keys = m->pkm_topk = 4;
        m->pkm_dim = 8;
        break;
    default:
        p->cfg.optim.kind = OPTIM_MUON;
        p->cfg.optim.ema = 0.9;
        p->cfg.optim.clip_update = true;
        m->pkm_layers = "1";
        m->pkm_keys = m->pkm_topk = 4;
        m->pkm_dim = 8;
    }
}

enum { VARIANTS = 11 };

static void updates_in_backward_are_the_same(void **state)
{
    (void)state;
    for (int which = 0; which < VARIANTS; which++) {
        size_t bytes = 0;
        char run[2][32];

        for (int in_backward = 0; in_backward < 2; in_backward++) {
            struct plan p;

            snprintf(run[in_backward], sizeof run[0], "update-%d-%d", which, in_backward);
            plan_init(&p, run[in_backward]);
            vary(&p, which);
            p.cfg.optim.in_backward = in_backward;
            run_to_end(&p);
            assert_true(!in_backward || p.start.bytes < bytes);
            bytes = p.start.bytes;
        }
        same_end(run[0], run[1]);
    }
}

/* The same where memory is out of the host's reach, also after a stop, whose checkpoint and
 * what is read of it are copies. */
static void far_memory_ends_the_same(void **state)
{
    const struct nn_options options = {.kind = NN_CPU, .threads = 1};

    (void)state;
    for (int which = 0; which < VARIANTS; which++) {
        char near[32], far[32];
        struct plan p;

        snprintf(near, sizeof near, "update-%d-0", which);
        snprintf(far, sizeof far, "far-%d", which);
        plan_init(&p, far);
        vary(&p, which);
        p.cfg.optim.in_backward = which % 2;
        p.stop_at = 11;
        assert_int_equal(far_open(&p.job.nn, &options, NULL), RF_OK);
        assert_int_equal(go(&p), RF_ESTOP);
        p.stop_at = 0;
        assert_int_equal(far_open(&p.job.nn, &options, NULL), RF_OK);
        run_to_end(&p);
        same_end(near, far);
    }
}

/* A loss that is none is known before anything is updated; a gradient is not. */
static void updates_in_backward_skip_too(void **state)
{
    struct sick s;
    struct plan p;

    (void)state;
    for (int in_backward = 0; in_backward < 2; in_backward++) {
        plan_init(&p, in_backward ? "lost-1" : "lost-0");
        vary(&p, 0);
        p.cfg.optim.in_backward = in_backward;
        make_sick(&s, &p, 2, 4);
        run_to_end(&p);
        assert_int_equal(p.end.skipped, 2);
    }
    same_end("lost-0", "lost-1");
    plan_init(&p, "lost-2");
    vary(&p, 0);
    p.cfg.optim.in_backward = true;
    make_sick(&s, &p, 4, 6);
    run_to_end(&p);
    assert_int_equal(p.end.skipped, 2);
    assert_true(isfinite(p.end.eval_loss) && isfinite(p.end.loss));
}

static void updates_in_backward_need_one_slot(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct plan p;

        plan_init(&p, "refused");
        vary(&p, 0);
        p.cfg.optim.in_backward = true;
        if (i == 0)
            p.cfg.train.slots = 2;
        else if (i == 1)
            p.cfg.optim.clip = 1;
        else
            p.cfg.model.tied_layers = true;
        assert_int_equal(go(&p), RF_EUSAGE);
        assert_non_null(strstr(p.eb.text, "optim.in_backward"));
    }
}

static size_t count_rows(const char *run, const char *set)
{
    struct buf log = read_log(run);
    char field[32];
    size_t n = 0;

    snprintf(field, sizeof field, "\t%s\t", set);
    for (const char *at = log.data; (at = strstr(at, field)); at++)
        n++;
    buf_free(&log);
    return n;
}

static void each_set_has_its_rows(void **state)
{
    struct plan p;

    (void)state;
    plan_init(&p, "sets");
    p.job.n_eval = 2;
    run_to_end(&p);
    assert_int_equal(p.evaluated, 6);
    assert_int_equal(count_rows("sets", "one"), 3);
    assert_int_equal(count_rows("sets", "two"), 3);
    assert_int_equal(p.rows, 6 + 6);
    assert_true(fabs(p.end.eval_bits - p.end.eval_loss / log(2) / 2) < 1e-12);
}

/* What a row is written into grows with it. */
static void a_long_name_has_whole_rows(void **state)
{
    enum { NAME = 5000 };
    char name[NAME + 1];
    struct plan p;
    struct buf log;
    const char *at;

    (void)state;
    memset(name, 'a', NAME);
    name[NAME] = '\0';
    plan_init(&p, "long");
    p.cfg.train.steps = 2;
    p.sets[0].name = name;
    run_to_end(&p);
    log = read_file("long", "log.tsv");
    at = strstr(log.data, name);
    assert_non_null(at);
    assert_int_equal(at[-1], '\t');
    assert_int_equal(at[NAME], '\t');
    assert_int_equal(log.data[log.len - 1], '\n');
    buf_free(&log);
}

/* With a rate of 0 no evaluation is better than the first. */
static void it_gives_up_and_keeps_the_best(void **state)
{
    struct plan p;

    (void)state;
    plan_init(&p, "gave-up");
    p.cfg.optim.lr = 0;
    p.cfg.train.patience = 3;
    p.cfg.train.eval_every = 4;
    p.cfg.train.keep = 1;
    run_to_end(&p);
    assert_true(p.end.gave_up);
    assert_int_equal(p.end.step, 16);
    assert_int_equal(p.end.best_step, 4);
    assert_int_equal(access("gave-up/step-00000004/MANIFEST", F_OK), 0);
    assert_int_equal(access("gave-up/step-00000016/MANIFEST", F_OK), 0);
    assert_int_not_equal(access("gave-up/step-00000015", F_OK), 0);
    p.evaluated = 0;
    run_to_end(&p);
    assert_true(p.start.done && p.end.gave_up && p.evaluated == 0 && p.end.step == 16);
}

static void a_start_does_what_it_may(void **state)
{
    static const struct {
        const char *amount;
        uint64_t first, second;
    } stops[] = {{"3steps", 3, 6}, {"1.5ep", 4, 8}, {"150tok", 2, 4}, {"1e-9s", 1, 2}};

    (void)state;
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
        struct plan p;
        char run[32];

        snprintf(run, sizeof run, "amount-%zu", i);
        plan_init(&p, run);
        p.cfg.train.stop_after = stops[i].amount;
        assert_int_equal(go(&p), RF_ESTOP);
        assert_int_equal(p.end.step, stops[i].first);
        assert_int_equal(go(&p), RF_ESTOP);
        assert_int_equal(p.end.step, stops[i].second);
    }
}

static void a_run_begins_with_anothers_weights(void **state)
{
    const struct nn_options options = {.kind = NN_CPU, .threads = 1};
    struct plan p;

    (void)state;
    for (int far = 0; far < 2; far++) {
        plan_init(&p, far ? "from-far" : "from");
        p.cfg.train.from = "whole";
        p.cfg.optim.kind = OPTIM_LION;
        p.cfg.optim.lr = p.cfg.optim.decay = 0;
        p.cfg.train.steps = 1;
        memset(p.job.data.data_digest, 7, CKPT_DIGEST_BYTES);
        if (far)
            assert_int_equal(far_open(&p.job.nn, &options, NULL), RF_OK);
        run_to_end(&p);
        same_bytes(read_file("whole", "step-00000023/weights.safetensors"),
                   read_file(p.cfg.train.run, "step-00000001/weights.safetensors"), "weights");
    }
    plan_init(&p, "from-other");
    p.cfg.train.from = "whole";
    p.cfg.model.dim = 32;
    assert_int_equal(go(&p), RF_EFORMAT);
    plan_init(&p, "from-other");
    p.cfg.train.from = "nowhere";
    assert_int_equal(go(&p), RF_EIO);
}

/* The same eight sequences, with the same masks, again and again. */
static int get_eight(void *self, uint64_t i, int32_t *ids, size_t *n, uint32_t *positions,
                     int32_t *labels, size_t *n_labels, struct errbuf *eb)
{
    (void)self;
    (void)eb;
    return sequence(i % 8, 0, ids, n, positions, labels, n_labels);
}

/* A run in which the number of a step decides nothing but the optimiser's corrections. */
static void plan_same_steps(struct plan *p, const char *run, int kind, uint64_t steps)
{
    plan_init(p, run);
    p->job.train.get = get_eight;
    p->job.train.records = 8;
    p->cfg.model.full_attn = true;
    p->cfg.optim.kind = kind;
    p->cfg.optim.first_moment = kind == OPTIM_ADAFACTOR;
    p->cfg.optim.ema = kind == OPTIM_ADAMW ? 0 : 0.9;
    p->cfg.optim.lr = 0.002;
    p->cfg.optim.schedule = SCHEDULE_CONSTANT;
    p->cfg.optim.warmup = 0;
    p->cfg.train.steps = steps;
}

/* With the optimiser a run of 7 steps and a new one of 5 are one of 12; without it they are
 * not. */
static void a_run_begins_with_anothers_optimiser(void **state)
{
    const struct nn_options options = {.kind = NN_CPU, .threads = 1};
    struct plan p;

    (void)state;
    for (int kind = OPTIM_ADAMW; kind <= OPTIM_LION; kind++) {
        char whole[32], part[32], more[32];

        snprintf(whole, sizeof whole, "steps-12-%d", kind);
        snprintf(part, sizeof part, "steps-7-%d", kind);
        plan_same_steps(&p, whole, kind, 12);
        run_to_end(&p);
        plan_same_steps(&p, part, kind, 7);
        run_to_end(&p);
        for (int how = 0; how < 3; how++) { /* at once, in two starts, on a far device */
            snprintf(more, sizeof more, "steps-5-%d-%d", kind, how);
            plan_same_steps(&p, more, kind, 5);
            p.cfg.train.from = part;
            p.cfg.train.from_optim = true;
            p.stop_at = how == 1 ? 2 : 0;
            if (how == 2)
                assert_int_equal(far_open(&p.job.nn, &options, NULL), RF_OK);
            assert_int_equal(go(&p), how == 1 ? RF_ESTOP : RF_OK);
            p.stop_at = 0;
            run_to_end(&p);
            same_bytes(read_file(whole, "step-00000012/weights.safetensors"),
                       read_file(more, "step-00000005/weights.safetensors"), "weights");
            same_bytes(read_file(whole, "step-00000012/optim.safetensors"),
                       read_file(more, "step-00000005/optim.safetensors"), "optimiser");
        }
        snprintf(more, sizeof more, "steps-5-%d-alone", kind);
        plan_same_steps(&p, more, kind, 5);
        p.cfg.train.from = part;
        run_to_end(&p);
        differ(whole, "step-00000012/weights.safetensors", more,
               "step-00000005/weights.safetensors");
    }
    plan_same_steps(&p, "steps-other", OPTIM_LION, 5);
    p.cfg.train.from = "steps-7-0";
    p.cfg.train.from_optim = true;
    assert_int_equal(go(&p), RF_EINVAL);
    assert_string_equal(p.eb.text, "train.from has optim.name adamw, not lion: "
                                   "train.from_optim needs the same");
}

/* z-loss and label smoothing change what is learned, not what is reported of the same weights:
 * in an evaluation, as of the first step, which has a rate of 0 here, neither. */
static void the_cross_entropy_alone_is_reported(void **state)
{
    static const char *const runs[] = {"plain", "z-loss", "smooth"};
    double loss[3], eval[3];

    (void)state;
    for (int which = 0; which < 3; which++) {
        for (int lr = 1; lr >= 0; lr--) {
            struct plan p;
            char run[32];

            snprintf(run, sizeof run, "%s-%d", runs[which], lr);
            plan_init(&p, run);
            p.cfg.train.z_loss = which == 1 ? 0.1 : 0;
            p.cfg.train.label_smoothing = which == 2 ? 0.2 : 0;
            p.cfg.optim.lr *= lr;
            p.cfg.train.steps = 1;
            run_to_end(&p);
            loss[which] = p.end.loss;
            eval[which] = p.end.eval_loss;
            if (which && lr)
                differ("plain-1", "step-00000001/weights.safetensors", run,
                       "step-00000001/weights.safetensors");
        }
        assert_true(isfinite(loss[which]) && loss[which] == loss[0]);
        assert_true(isfinite(eval[which]) && eval[which] == eval[0]);
    }
}

/* --- the learning rate of schedule wsd */

static void plan_wsd(struct plan *p, const char *run)
{
    plan_init(p, run);
    p->cfg.optim.schedule = SCHEDULE_WSD;
    p->cfg.optim.decay_share = 0.4; /* the last 9 of 23 steps */
    p->cfg.train.keep = 1;
}

static void about(double got, double want, const char *what, uint64_t step)
{
    if (!(fabs(got - want) < 1e-12))
        fail_msg("%s: rate %.9g at step %d, not %.9g", what, got, (int)step, want);
}

static bool is_there(const char *run, int step)
{
    char path[64];

    snprintf(path, sizeof path, "%s/step-%08d/MANIFEST", run, step);
    return access(path, F_OK) == 0;
}

static void the_checkpoint_before_the_decay_is_kept(void **state)
{
    struct ckpt *c = NULL;
    struct plan p;

    (void)state;
    plan_wsd(&p, "wsd");
    run_to_end(&p);
    for (uint64_t s = 1; s <= STEPS; s++)
        about(p.lr[s],
              s < 5     ? 0.004 * (double)s
              : s <= 14 ? 0.02
                        : 0.02 * (double)(24 - s) / 10,
              "wsd", s);
    assert_true(is_there("wsd", 14) && is_there("wsd", STEPS));
    assert_false(is_there("wsd", 20) || is_there("wsd", 15) || is_there("wsd", 10));
    assert_int_equal(ckpt_open(&c, "wsd", NULL, NULL), RF_OK);
    assert_int_equal(ckpt_state(c)->decay_step, 14);
    ckpt_close(c);
}

static void wherever_a_decay_is_stopped_it_ends_the_same(void **state)
{
    (void)state;
    for (uint64_t at = 2; at < STEPS; at += 3) { /* 14 is among them */
        struct plan p;
        char run[32];

        snprintf(run, sizeof run, "wsd-%d", (int)at);
        plan_wsd(&p, run);
        p.stop_at = at;
        assert_int_equal(go(&p), RF_ESTOP);
        p.stop_at = 0;
        run_to_end(&p);
        same_end("wsd", run);
        assert_true(is_there(run, 14));
    }
}

/* In a folder of its own the checkpoint before the decay goes on as if there had been none. */
static void a_run_goes_on_from_before_its_decay(void **state)
{
    struct plan p;

    (void)state;
    plan_wsd(&p, "wsd-long");
    p.cfg.train.steps = 40;
    run_to_end(&p);
    assert_int_equal(mkdir("wsd-on", 0777), 0);
    assert_int_equal(system("cp -r wsd/step-00000014 wsd-on"), 0);
    plan_wsd(&p, "wsd-on");
    p.cfg.train.steps = 40;
    run_to_end(&p);
    assert_int_equal(p.start.step, 14);
    same_bytes(read_file("wsd-long", "step-00000040/weights.safetensors"),
               read_file("wsd-on", "step-00000040/weights.safetensors"), "weights");
    same_bytes(read_file("wsd-long", "step-00000040/optim.safetensors"),
               read_file("wsd-on", "step-00000040/optim.safetensors"), "optimiser");
}

/* A limit ends a decay of its own, if that comes before the end of the run: in steps as the
 * run's own steps do, in anything else by the share of it that was used before a step. */
static void a_limit_ends_a_decay(void **state)
{
    static const struct {
        const char *amount;
        double left[13]; /* of the rate, at steps 1 to 12, behind a warm-up of one step */
    } limits[] = {
        {"8steps", {1, 1, 1, 1, 0.8, 0.6, 0.4, 0.2}},
        {"4ep", {1, 1, 1, 1, 1, 1, 0.8, 0.6, 0.4, 0.2}}, /* 2.5 steps a pass */
        {"10s", {1, 1, 1, 1, 1, 1, 0.8, 0.6, 0.4, 0.2}},
        {"100s", {1, 1, 1, 1, 1, 1, 6 / 7.0, 5 / 7.0, 4 / 7.0, 3 / 7.0, 2 / 7.0, 1 / 7.0}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        const double *left = limits[i].left;
        uint64_t steps = 12;
        struct plan p;
        char run[32];

        while (left[steps - 1] == 0)
            steps--;
        snprintf(run, sizeof run, "limit-%zu", i);
        plan_wsd(&p, run);
        p.cfg.optim.warmup = 1;
        p.cfg.optim.decay_share = 0.5;
        p.cfg.train.steps = 12;
        p.cfg.train.stop_after = limits[i].amount;
        false_time = 100;
        assert_int_equal(go(&p), steps == 12 ? RF_OK : RF_ESTOP);
        false_time = 0;
        assert_int_equal(p.end.step, steps);
        for (uint64_t s = 1; s <= steps; s++)
            about(p.lr[s], 0.02 * left[s - 1], limits[i].amount, s);
        for (int s = 1; s < 12; s++)
            if (s < (int)steps && left[s - 1] == 1 && left[s] < 1)
                assert_true(is_there(run, s));
    }
}

/* A start that begins within such a decay goes on with that; after its end the rate is high
 * again, and so it is in a start without a limit. */
static void a_decay_that_was_broken_off_goes_on(void **state)
{
    struct plan p;

    (void)state;
    plan_wsd(&p, "broken-off");
    p.cfg.optim.warmup = 0;
    p.cfg.optim.decay_share = 0.5;
    p.cfg.train.steps = 60;
    p.cfg.train.stop_after = "10s";
    p.stop_at = 9; /* at 3 / 5 of its decay */
    false_time = 100;
    assert_int_equal(go(&p), RF_ESTOP);
    about(p.lr[9], 0.02 * 0.4, "before", 9);
    assert_true(is_there("broken-off", 6));
    p.stop_at = 0;
    assert_int_equal(go(&p), RF_ESTOP);
    for (uint64_t s = 10; s < 20; s++)
        about(p.lr[s], 0.02 * 0.4 * (1 - (double)(s - 10) / 10), "on", s);
    assert_int_equal(p.end.step, 19);
    assert_true(is_there("broken-off", 6));
    assert_int_equal(go(&p), RF_ESTOP);
    for (uint64_t s = 20; s < 30; s++)
        about(p.lr[s], s < 26 ? 0.02 : 0.02 * (1 - (double)(s - 25) / 5), "again", s);
    assert_true(is_there("broken-off", 25) && !is_there("broken-off", 6));
    p.cfg.train.stop_after = "0";
    p.stop_at = 40;
    assert_int_equal(go(&p), RF_ESTOP);
    about(p.lr[30], 0.02, "without a limit", 30);
    about(p.lr[31], 0.02 * (1 - 1.0 / 31), "the run's own", 31);
    false_time = 0;
}

/* A configuration from outside is checked before anything takes its sizes for granted. */
static void a_checkpoints_settings_are_checked(void **state)
{
    static const char *const bad[] = {"model: {heads: 7, dim: 64}", "model: {hedas: 7}",
                                      "model: {pkm_layers: '4 x'}"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct ckpt_state s = {.step = i, .vocab_size = 1};
        struct opt_strings strings = {0};
        struct errbuf eb = {0};
        struct rf_config cfg;
        struct ckpt *c = NULL;
        char path[64];

        assert_int_equal(ckpt_save("settings", &s, bad[i], NULL, 0, NULL, 0, 1, NULL), RF_OK);
        assert_int_equal(ckpt_open(&c, "settings", NULL, NULL), RF_OK);
        assert_int_equal(trained_config(&cfg, &strings, c, NULL, &eb), RF_EFORMAT);
        snprintf(path, sizeof path, "settings/step-%08zu/config.yaml", i);
        if (!strstr(eb.text, path))
            fail_msg("'%s': %s", bad[i], eb.text);
        opt_strings_free(&strings);
        ckpt_close(c);
    }
}

static void one_batch_is_learned_by_heart(void **state)
{
    struct plan p;

    (void)state;
    plan_init(&p, "overfit");
    p.cfg.start.overfit = true;
    p.cfg.train.steps = 150;
    p.cfg.train.eval_every = 0;
    p.cfg.optim.lr = 0.01;
    run_to_end(&p);
    if (!(p.end.loss < 0.1))
        fail_msg("loss %g", p.end.loss);
}

static int get_unlabelled(void *self, uint64_t i, int32_t *ids, size_t *n, uint32_t *positions,
                          int32_t *labels, size_t *n_labels, struct errbuf *eb)
{
    int rc = get(self, i, ids, n, positions, labels, n_labels, eb);

    *n_labels = 0;
    return rc;
}

static void data_without_a_label_end_the_run(void **state)
{
    struct plan p;

    (void)state;
    plan_init(&p, "unlabelled");
    p.job.train.get = get_unlabelled;
    assert_int_equal(go(&p), RF_EINVAL);
    assert_non_null(strstr(p.eb.text, "no label in a whole pass"));
    assert_int_equal(p.end.step, 2); /* three of eight sequences are a pass of 20 */
}

static void a_row_that_cannot_be_written_ends_the_run(void **state)
{
    struct plan p;

    (void)state;
    plan_init(&p, "unwritten");
    p.refused = 1;
    assert_int_equal(go(&p), RF_EIO);
    assert_string_equal(p.eb.text, "no room");
    assert_int_equal(p.end.step, 4);
}

static void memory_that_does_not_do_is_said(void **state)
{
    struct plan p;

    (void)state;
    plan_init(&p, "memory");
    p.cfg.train.steps = 1;
    run_to_end(&p);
    assert_int_equal(p.start.needed, 0);
    plan_init(&p, "memory-1");
    p.cfg.train.steps = 1;
    p.cfg.train.memory = 1;
    p.job.data_bytes = 1000;
    run_to_end(&p);
    assert_true(p.start.needed > p.start.bytes + 1000);
}

static void other_data_are_noticed(void **state)
{
    struct plan p;

    (void)state;
    plan_init(&p, "digest");
    p.stop_at = 3;
    memset(p.job.data.data_digest, 1, CKPT_DIGEST_BYTES);
    assert_int_equal(go(&p), RF_ESTOP);
    p.job.data.data_digest[3] = 2;
    p.stop_at = 5;
    assert_int_equal(go(&p), RF_EINVAL);
    assert_non_null(strstr(p.eb.text, "training data"));
    p.job.data.data_digest[3] = 1;
    assert_int_equal(go(&p), RF_ESTOP);
}

/* --- memory: what our code asks for; calls inside of libraries are their own */

static size_t allocations;

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);
extern void *__libc_memalign(size_t align, size_t n);
extern const char __executable_start, etext; /* the linker's */

static void count(const void *caller)
{
    if ((const char *)caller >= &__executable_start && (const char *)caller < &etext)
        __atomic_fetch_add(&allocations, 1, __ATOMIC_RELAXED);
}

void *malloc(size_t n)
{
    count(__builtin_return_address(0));
    return __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
    count(__builtin_return_address(0));
    return __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
    count(__builtin_return_address(0));
    return __libc_realloc(p, n);
}

void *aligned_alloc(size_t align, size_t n)
{
    count(__builtin_return_address(0));
    return __libc_memalign(align, n);
}

int posix_memalign(void **p, size_t align, size_t n)
{
    void *got = __libc_memalign(align, n);

    count(__builtin_return_address(0));
    if (!got)
        return ENOMEM;
    *p = got;
    return 0;
}

void *mmap(void *at, size_t n, int access, int flags, int fd, off_t offset)
{
    count(__builtin_return_address(0));
    /* the system call gives -1 for a failure, which is MAP_FAILED */
    return (void *)syscall(SYS_mmap, at, n, access, flags, fd, offset);
}
#endif

static size_t seen[STEPS + 1];

static void note_allocations(void *self, const struct train_report *r)
{
    (void)self;
    seen[r->step] = __atomic_load_n(&allocations, __ATOMIC_RELAXED);
}

/* Rows of the log and all: but of evaluations and checkpoints there are none here. */
static void a_step_allocates_nothing(void **state)
{
    struct plan p;

    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip(); /* the sanitizer's own calls stand in the place of those that count */
#endif
    plan_init(&p, "still");
    p.cfg.train.threads = 2;
    p.cfg.train.eval_every = p.cfg.train.save_every = 0;
    p.job.cfg = &p.cfg;
    p.job.task = task_of(&p.cfg);
    p.job.hooks = (struct train_hooks){.stepped = note_allocations};
    assert_int_equal(nn_open(&p.job.nn, NN_CPU, 2, NULL), RF_OK);
    assert_int_equal(train_run(&p.job, NULL, &p.eb), RF_OK);
    nn_close(p.job.nn);
    assert_true(seen[1] > 10);
    assert_int_equal(seen[STEPS - 1], seen[2]);
}

static void a_trial_leaves_nothing(void **state)
{
    struct train_trial trial;
    struct plan p;

    (void)state;
    plan_init(&p, "trial");
    p.job.cfg = &p.cfg;
    p.job.task = task_of(&p.cfg);
    assert_int_equal(nn_open(&p.job.nn, NN_CPU, 1, NULL), RF_OK);
    assert_int_equal(train_try(&p.job, &trial, &p.eb), RF_OK);
    nn_close(p.job.nn);
    assert_int_not_equal(access("trial", F_OK), 0);
    assert_true(trial.seconds > 0 && trial.peak > 0 && trial.mfu > 0);
    assert_true(trial.hfu >= trial.mfu && trial.needs.total > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_learns),
        cmocka_unit_test(stopped_anywhere_it_ends_the_same),
        cmocka_unit_test(stopped_while_evaluating_it_ends_the_same),
        cmocka_unit_test(killed_it_goes_on_from_the_last_checkpoint),
        cmocka_unit_test(killed_a_causal_model_goes_on_too),
        cmocka_unit_test(a_broken_checkpoint_is_passed_over),
        cmocka_unit_test(a_disk_that_is_full_for_a_while_does_no_harm),
        cmocka_unit_test(a_full_disk_ends_the_run_in_time),
        cmocka_unit_test(the_lock_says_what_is_wrong),
        cmocka_unit_test(an_edited_log_keeps_its_rows),
        cmocka_unit_test(a_note_meanwhile_stays),
        cmocka_unit_test(what_is_left_behind_goes),
        cmocka_unit_test(a_save_on_request_changes_nothing),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(a_finished_run_is_left_alone),
        cmocka_unit_test(a_shorter_log_keeps_its_rows),
        cmocka_unit_test(only_the_newest_are_kept),
        cmocka_unit_test(slots_are_a_matter_of_memory),
        cmocka_unit_test(shares_change_nothing),
        cmocka_unit_test(sums_are_those_of_the_tree),
        cmocka_unit_test(a_feed_of_some_slots_has_those),
        cmocka_unit_test(slots_double_in_equal_parts),
        cmocka_unit_test(a_ramp_of_slots_is_a_matter_of_the_step),
        cmocka_unit_test(the_first_slots_are_a_run_of_their_own),
        cmocka_unit_test(a_pass_counts_the_slots_of_a_ramp),
        cmocka_unit_test(a_limit_is_told_from_a_signal),
        cmocka_unit_test(pieces_are_sequences),
        cmocka_unit_test(pieces_that_cut_nothing_are_refused),
        cmocka_unit_test(a_step_waits_once),
        cmocka_unit_test(a_task_of_ones_own_is_learned),
        cmocka_unit_test(both_models_learn),
        cmocka_unit_test(both_models_go_on_as_they_were),
        cmocka_unit_test(shares_change_nothing_for_two_models),
        cmocka_unit_test(other_tasks_begin_with_the_discriminator),
        cmocka_unit_test(every_optimiser_goes_on_with_two_models),
        cmocka_unit_test(another_run_is_refused),
        cmocka_unit_test(long_records_are_refused),
        cmocka_unit_test(a_second_writer_is_refused),
        cmocka_unit_test(a_step_that_is_not_finite_is_skipped),
        cmocka_unit_test(five_in_a_row_end_the_run),
        cmocka_unit_test(the_last_good_checkpoint_has_a_step_after_it),
        cmocka_unit_test(what_was_due_is_saved_after_the_skips),
        cmocka_unit_test(every_optimiser_goes_on_as_it_was),
        cmocka_unit_test(updates_in_backward_are_the_same),
        cmocka_unit_test(far_memory_ends_the_same),
        cmocka_unit_test(updates_in_backward_skip_too),
        cmocka_unit_test(updates_in_backward_need_one_slot),
        cmocka_unit_test(each_set_has_its_rows),
        cmocka_unit_test(a_long_name_has_whole_rows),
        cmocka_unit_test(it_gives_up_and_keeps_the_best),
        cmocka_unit_test(a_start_does_what_it_may),
        cmocka_unit_test(a_run_begins_with_anothers_weights),
        cmocka_unit_test(a_run_begins_with_anothers_optimiser),
        cmocka_unit_test(the_cross_entropy_alone_is_reported),
        cmocka_unit_test(the_checkpoint_before_the_decay_is_kept),
        cmocka_unit_test(wherever_a_decay_is_stopped_it_ends_the_same),
        cmocka_unit_test(a_run_goes_on_from_before_its_decay),
        cmocka_unit_test(a_limit_ends_a_decay),
        cmocka_unit_test(a_decay_that_was_broken_off_goes_on),
        cmocka_unit_test(a_checkpoints_settings_are_checked),
        cmocka_unit_test(one_batch_is_learned_by_heart),
        cmocka_unit_test(data_without_a_label_end_the_run),
        cmocka_unit_test(a_row_that_cannot_be_written_ends_the_run),
        cmocka_unit_test(memory_that_does_not_do_is_said),
        cmocka_unit_test(other_data_are_noticed),
        cmocka_unit_test(a_trial_leaves_nothing),
        cmocka_unit_test(a_step_allocates_nothing),
    };

    SKIP_UNDER_TSAN();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
