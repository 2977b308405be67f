/*
 * test_checkpoint: what is saved comes back, what is damaged is noticed, and whenever a save
 * dies the old checkpoint or the new one is there, whole.
 *
 * This program's own mkdir(), rename(), fsync() ... stand in front of the C library's and can
 * end the process, fail, or keep a log at the n-th call.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "ckpt/checkpoint_parts.h"

/* --- calls that change the disk */

static struct {
    enum { CALM, DIE, FAIL_ONCE, FAIL_ON, LOG } mode;
    int calls, at; /* at: the call, from 1, that dies or fails */
    struct buf log;
} fault;

/* True: this call is to fail. */
static bool point(const char *what, const char *a, const char *b)
{
    fault.calls++;
    switch (fault.mode) {
    case DIE:
        if (fault.calls == fault.at)
            syscall(SYS_exit_group, 9); /* sanitizers would complain of _exit() here */
        return false;
    case FAIL_ONCE: return fault.calls == fault.at;
    case FAIL_ON: return fault.calls >= fault.at;
    case LOG: (void)!buf_printf(&fault.log, "%s %s%s%s\n", what, a, *b ? " " : "", b); break;
    case CALM: break;
    }
    return false;
}

static int no_space(void)
{
    errno = ENOSPC;
    return -1;
}

int mkdir(const char *path, mode_t mode)
{
    return point("mkdir", path, "") ? no_space() : (int)syscall(SYS_mkdir, path, mode);
}

int rename(const char *from, const char *to)
{
    return point("rename", from, to) ? no_space() : (int)syscall(SYS_rename, from, to);
}

int rmdir(const char *path)
{
    return point("rmdir", path, "") ? no_space() : (int)syscall(SYS_rmdir, path);
}

int unlink(const char *path)
{
    return point("unlink", path, "") ? no_space() : (int)syscall(SYS_unlink, path);
}

int unlinkat(int fd, const char *path, int flags)
{
    return point("unlinkat", path, "") ? no_space()
                                       : (int)syscall(SYS_unlinkat, fd, path, flags);
}

int ftruncate(int fd, off_t n)
{
    return point("ftruncate", "", "") ? no_space() : (int)syscall(SYS_ftruncate, fd, n);
}

/* Syncs nothing: the tests would wait for the disk; but its place is logged. */
int fsync(int fd)
{
    char link[64], path[512] = "", cwd[512] = "";
    ssize_t n;

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    n = readlink(link, path, sizeof path - 1);
    path[n < 0 ? 0 : n] = '\0';
    if (getcwd(cwd, sizeof cwd) && strncmp(path, cwd, strlen(cwd)) == 0 &&
        path[strlen(cwd)] == '/')
        memmove(path, path + strlen(cwd) + 1, strlen(path + strlen(cwd)));
    return point("fsync", path, "") ? no_space() : 0;
}

/* Opening is a call that changes the disk if it makes the file. */
int open(const char *path, int flags, ...)
{
    va_list ap;
    mode_t mode = 0;

    va_start(ap, flags);
    if (flags & O_CREAT)
        mode = va_arg(ap, mode_t);
    va_end(ap);
    if (flags & O_CREAT && point("open", path, ""))
        return no_space();
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

/* Dies in the middle: half of it is on the disk then. */
ssize_t write(int fd, const void *p, size_t n)
{
    if (fault.mode == DIE && fault.calls + 1 == fault.at)
        (void)syscall(SYS_write, fd, p, n / 2);
    return point("write", "", "") ? no_space() : syscall(SYS_write, fd, p, n);
}

static void calm(void)
{
    fault.mode = CALM;
    fault.calls = 0;
}

/* --- a run of a model with five numbers */

struct toy {
    float w[3], b[1], m[3];
    struct tensor weights[2], optim[1];
    struct ckpt_state state;
};

/* Everything in it follows from `version`. */
static void toy_init(struct toy *t, uint64_t step, uint64_t version)
{
    *t = (struct toy){
        .weights = {{.name = "w", .dims = 2, .shape = {1, 3}, .data = t->w},
                    {.name = "b", .dims = 1, .shape = {1}, .data = t->b}},
        .optim = {{.name = "m.w", .dims = 1, .shape = {3}, .data = t->m}},
        .state = {.step = step, .tokens = version, .vocab_size = 5, .special.mask = 4}};
    for (int i = 0; i < 3; i++) {
        t->w[i] = (float)version + (float)i;
        t->m[i] = -t->w[i];
    }
    t->b[0] = (float)version / 2;
}

static const char config[] = "model:\n  dim: 64\n";

static int save(uint64_t step, uint64_t version, uint64_t keep, struct errbuf *eb)
{
    struct toy t;

    toy_init(&t, step, version);
    return ckpt_save("run", &t.state, config, t.weights, 2, t.optim, 1, keep, eb);
}

static void must_save(uint64_t step, uint64_t version, uint64_t keep)
{
    struct errbuf eb = {0};

    if (save(step, version, keep, &eb) != RF_OK)
        fail_msg("%s", eb.text);
}

/* The version that `path` holds; 0: no valid checkpoint. A checkpoint is all of one version. */
static uint64_t version_of(const char *path, uint64_t *broken, struct errbuf *eb)
{
    struct toy got, want;
    struct ckpt *c = NULL;
    uint64_t version;

    if (ckpt_open(&c, path, broken, eb) != RF_OK)
        return 0;
    version = ckpt_state(c)->tokens;
    toy_init(&want, ckpt_state(c)->step, version);
    toy_init(&got, 0, 0);
    assert_int_equal(ckpt_read_weights(c, got.weights, 2, NULL), RF_OK);
    assert_int_equal(ckpt_read_optim(c, got.optim, 1, NULL), RF_OK);
    assert_memory_equal(got.w, want.w, sizeof got.w);
    assert_memory_equal(got.b, want.b, sizeof got.b);
    assert_memory_equal(got.m, want.m, sizeof got.m);
    assert_string_equal(ckpt_config(c), config);
    ckpt_close(c);
    return version;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static int remove_all(const char *path)
{
    return nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT;
}

static int fresh_run(void **state)
{
    (void)state;
    calm();
    return remove_all("run");
}

/* The names in run/, sorted, joined by spaces. */
static const char *names_in_run(void)
{
    static char names[512];
    struct dirent **list = NULL;
    int n = scandir("run", &list, NULL, alphasort);

    names[0] = '\0';
    for (int i = 0; i < n; i++) {
        size_t at = strlen(names);

        if (list[i]->d_name[0] != '.')
            snprintf(names + at, sizeof names - at, "%s%s", at ? " " : "", list[i]->d_name);
        free(list[i]);
    }
    free(list);
    return names;
}

static void write_file(const char *path, const char *p, size_t n)
{
    FILE *f = fopen(path, "wb");

    assert_int_equal(fwrite(p, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

/* --- coming back */

static void what_is_saved_comes_back(void **state)
{
    struct toy t;
    const struct ckpt_state *s;
    struct ckpt *c = NULL;
    uint64_t bytes;
    (void)state;

    toy_init(&t, 123456789012, 7);
    t.state = (struct ckpt_state){.step = 123456789012,
                                  .tokens = (1ull << 62) + 1,
                                  .log_bytes = 3,
                                  .vocab_size = 22000,
                                  .special.mask = 21999,
                                  .special.pad = -1,
                                  .special.unk = 1,
                                  .special.cls = 12345,
                                  .special.sep = 5,
                                  .max_len = 512,
                                  .vocab_digest = {0, 1, 0x9A, 0xFF},
                                  .seconds = 0.1 + 0.2,
                                  .skipped = 8,
                                  .skipped_in_row = 9,
                                  .window = {0.1, 1.0 / 3, 1e-17, 7, true},
                                  .best_step = 10,
                                  .best_loss = 2.0 / 7,
                                  .worse = 11,
                                  .decay_step = 12,
                                  .decay_done = 1.0 / 3,
                                  .optim_updates = 13,
                                  .limit_reached = true};
    assert_int_equal(ckpt_save("run", &t.state, "", t.weights, 2, NULL, 0, 1, NULL), RF_OK);
    assert_int_equal(ckpt_open(&c, "run", NULL, NULL), RF_OK);
    assert_string_equal(ckpt_path(c), "run/step-123456789012");
    assert_string_equal(ckpt_config(c), "");
    s = ckpt_state(c);
    assert_int_equal(s->step, t.state.step);
    assert_int_equal(s->tokens, t.state.tokens);
    assert_int_equal(s->log_bytes, 3);
    assert_int_equal(s->vocab_size, 22000);
    assert_int_equal(s->special.mask, 21999);
    assert_int_equal(s->special.pad, -1);
    assert_int_equal(s->special.unk, 1);
    assert_int_equal(s->special.cls, 12345);
    assert_int_equal(s->special.sep, 5);
    assert_int_equal(s->max_len, 512);
    assert_memory_equal(s->vocab_digest, t.state.vocab_digest, CKPT_DIGEST_BYTES);
    assert_true(s->seconds == 0.1 + 0.2);
    assert_int_equal(s->skipped, 8);
    assert_int_equal(s->skipped_in_row, 9);
    assert_true(s->window.loss == 0.1 && s->window.acc == 1.0 / 3 && s->window.norm == 1e-17);
    assert_true(s->window.steps == 7 && s->window.evaluated);
    assert_true(s->best_step == 10 && s->best_loss == 2.0 / 7 && s->worse == 11);
    assert_true(s->decay_step == 12 && s->decay_done == 1.0 / 3 && s->optim_updates == 13);
    assert_true(s->limit_reached);
    assert_string_equal(ckpt_file(c, 2, &bytes), "config.yaml");
    assert_int_equal(bytes, 0);
    assert_null(ckpt_file(c, 4, &bytes));
    ckpt_close(c);
}

/* Ids index arrays of vocab_size. What is refused changes nothing. */
static void ids_are_of_the_vocabulary(void **state)
{
    static const char digest[] = "vocab_digest: 00112233445566778899aabbccddeeff\n";
    static const char *const bad[] = {"pad_id: 20",   "pad_id: 100000000",  "cls_id: -1.5",
                                      "mask_id: 0.5", "sep_id: 2147483647", "unk_id: 19.9"};
    struct ckpt_state s = {.step = 77};
    struct opt_strings keep = {0};
    struct buf text = {0};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct errbuf eb = {0};

        buf_clear(&text);
        assert_int_equal(buf_printf(&text, "vocab_size: 20\n%s\n%s", bad[i], digest), RF_OK);
        if (ckpt_parse_state(&s, &keep, &text, "state", &eb) != RF_EFORMAT || !*eb.text)
            fail_msg("'%s' is taken", bad[i]);
        assert_int_equal(s.step, 77);
    }
    buf_clear(&text);
    assert_int_equal(buf_printf(&text, "vocab_size: 20\nmask_id: 19\npad_id: 0\n%s", digest),
                     RF_OK);
    assert_int_equal(ckpt_parse_state(&s, &keep, &text, "state", NULL), RF_OK);
    assert_int_equal(s.step, 0);
    assert_int_equal(s.special.mask, 19);
    assert_int_equal(s.special.pad, 0);
    assert_int_equal(s.special.unk, -1);
    assert_int_equal(s.special.cls, -1);
    assert_int_equal(s.special.sep, -1);
    assert_null(s.classes);
    opt_strings_free(&keep);
    buf_free(&text);
}

/* The digest of nothing is published with the hash: xxhash's own test vectors. */
static void the_manifest_is_as_documented(void **state)
{
    struct buf m = {0};
    struct toy t;
    (void)state;

    toy_init(&t, 1, 1);
    assert_int_equal(ckpt_save("run", &t.state, "", t.weights, 2, NULL, 0, 1, NULL), RF_OK);
    assert_int_equal(input_slurp(&m, "run/step-00000001/MANIFEST", INPUT_RAW, 4096, NULL),
                     RF_OK);
    assert_memory_equal(m.data, "rf-checkpoint 1\n", 16);
    assert_non_null(strstr(m.data, "\n99aa06d3014798d86001c324468d497f 0 config.yaml\n"));
    buf_free(&m);
}

/* A checkpoint that a Python script wrote from the manual page, and ours of the same contents.
 */
static void golden_ones_are_read_and_written(void **state)
{
    static const char yaml[] = "model:\n  dim: 8\n  depth: 1\n  heads: 2\n";
    float word[48], bias[2] = {0.5F, -0.5F}, m_word[48], m_bias[2] = {0, 1}, got[50];
    const struct tensor weights[] = {{"bias", 1, {2}, bias, NULL},
                                     {"word", 2, {6, 8}, word, NULL}},
                        optim[] = {{"m.bias", 1, {2}, m_bias, NULL},
                                   {"m.word", 2, {6, 8}, m_word, NULL}},
                        back[] = {{"word", 2, {6, 8}, got, NULL},
                                  {"bias", 1, {2}, got + 48, NULL}};
    struct ckpt_state s = {.step = 200,
                           .tokens = 25600,
                           .log_bytes = 321,
                           .vocab_size = 6,
                           .special.mask = 4,
                           .special.unk = 1,
                           .special.cls = 2,
                           .special.sep = 3,
                           .max_len = 16,
                           .seconds = 12.25,
                           .skipped = 1};
    char golden[512], command[1100];
    struct ckpt *c = NULL;
    (void)state;

    for (int i = 0; i < 48; i++) {
        word[i] = (float)i / 2;
        m_word[i] = word[i] / 2;
    }
    for (int i = 0; i < CKPT_DIGEST_BYTES; i++)
        s.vocab_digest[i] = (uint8_t)i;
    snprintf(golden, sizeof golden, "%s/tests/golden/checkpoint/v1", getenv("ROOT"));
    assert_int_equal(ckpt_open(&c, golden, NULL, NULL), RF_OK);
    assert_string_equal(ckpt_config(c), yaml);
    assert_int_equal(ckpt_state(c)->max_len, 16);
    assert_int_equal(ckpt_read_weights(c, back, 2, NULL), RF_OK);
    assert_memory_equal(got, word, sizeof word);
    assert_memory_equal(got + 48, bias, sizeof bias);
    ckpt_close(c);

    assert_int_equal(ckpt_save("run", &s, yaml, weights, 2, optim, 2, 1, NULL), RF_OK);
    snprintf(command, sizeof command,
             "diff -r -x state -x MANIFEST '%s'/step-00000200 run/step-00000200", golden);
    assert_int_equal(system(command), 0);
    snprintf(command, sizeof command, /* later keys stand behind those of the first version */
             "head -n 14 run/step-00000200/state | diff '%s'/step-00000200/state -", golden);
    assert_int_equal(system(command), 0);
}

static void equal_saves_are_equal_bytes(void **state)
{
    (void)state;

    must_save(1, 5, 1);
    assert_int_equal(rename("run/step-00000001", "first"), 0);
    must_save(1, 5, 1);
    assert_int_equal(system("diff -r first run/step-00000001"), 0);
    assert_int_equal(remove_all("first"), 0);
}

static void the_newest_are_kept(void **state)
{
    (void)state;

    for (uint64_t i = 1; i <= 5; i++)
        must_save(i * 10, i, 2);
    assert_string_equal(names_in_run(), "step-00000040 step-00000050");
    must_save(60, 6, 1);
    assert_string_equal(names_in_run(), "step-00000060");
    must_save(60, 7, 1);
    assert_string_equal(names_in_run(), "step-00000060");
    assert_int_equal(version_of("run", NULL, NULL), 7);
    must_save(100000000, 8, 3);
    assert_string_equal(names_in_run(), "step-00000060 step-100000000");
    assert_int_equal(version_of("run", NULL, NULL), 8);
}

/* One that is broken is none to go back to: it must not push out one that is. */
static void broken_ones_do_not_count(void **state)
{
    (void)state;

    for (uint64_t step = 1; step <= 3; step++)
        must_save(step, step, 3);
    write_file("run/step-00000003/weights.safetensors", "x", 1);
    must_save(4, 4, 2);
    assert_string_equal(names_in_run(), "step-00000002 step-00000003 step-00000004");
    must_save(5, 5, 2);
    assert_string_equal(names_in_run(), "step-00000004 step-00000005");
}

/* A run goes back behind broken checkpoints: they are none of its own to keep or drop yet. */
static void later_steps_are_left_alone(void **state)
{
    (void)state;

    must_save(10, 1, 9);
    must_save(20, 2, 9);
    must_save(30, 3, 9);
    assert_int_equal(truncate("run/step-00000030/state", 5), 0);
    must_save(25, 4, 1);
    assert_string_equal(names_in_run(), "step-00000025 step-00000030");
    assert_int_equal(version_of("run", NULL, NULL), 4);
    must_save(30, 5, 1);
    assert_string_equal(names_in_run(), "step-00000030");
}

static void others_files_are_left_alone(void **state)
{
    (void)state;

    must_save(10, 1, 1);
    assert_int_equal(system("cd run && touch log.tsv step-1 step-000000010 step-00000010.tmp.x "
                            "step-00000010x step-99999999999999999999999; mkdir step-7.tmp;"
                            "mkdir step-00000009.tmp; touch step-00000009.tmp/x"),
                     0);
    must_save(20, 2, 1);
    assert_string_equal(names_in_run(),
                        "log.tsv step-000000010 step-00000010.tmp.x step-00000010x "
                        "step-00000020 step-1 step-7.tmp step-99999999999999999999999");
    assert_int_equal(version_of("run", NULL, NULL), 2);
}

static bool exists(const char *run)
{
    bool any;

    assert_int_equal(ckpt_exists(&any, run, NULL), RF_OK);
    return any;
}

static void runs_and_checkpoints_are_told_apart(void **state)
{
    struct errbuf eb = {0};
    struct ckpt *c = NULL;
    (void)state;

    assert_false(exists("run"));
    assert_int_equal(ckpt_open(&c, "run", NULL, &eb), RF_EIO);
    assert_string_equal(eb.text, "cannot open folder 'run': No such file or directory");
    assert_int_equal(mkdir("run", 0777), 0);
    assert_false(exists("run"));
    assert_int_equal(ckpt_open(&c, "run", NULL, &eb), RF_EIO);
    assert_string_equal(eb.text, "no checkpoint in folder 'run'");
    must_save(10, 1, 2);
    must_save(20, 2, 2);
    assert_true(exists("run"));
    assert_false(exists("run/step-00000010"));
    assert_int_equal(version_of("run/step-00000010", NULL, NULL), 1);
    assert_int_equal(version_of("run/", NULL, NULL), 2);
}

/* A run that cannot be looked at is none without checkpoints: it would begin anew. */
static void a_folder_that_cannot_be_read_is_an_error(void **state)
{
    struct rlimit was, none;
    struct errbuf eb = {0};
    bool any = true;
    int rc;
    (void)state;

    must_save(10, 1, 1);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
    none = was;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    rc = ckpt_exists(&any, "run", &eb);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
    assert_int_equal(rc, RF_EIO);
    assert_non_null(strstr(eb.text, "cannot open folder 'run'"));
    assert_int_equal(ckpt_exists(&any, "run/step-00000010/state", NULL), RF_EIO);
}

/* Of step-N and step-N.old the former goes where its bytes are wrong, and only there. */
static void what_cannot_be_read_is_not_dropped(void **state)
{
    struct errbuf eb = {0};
    (void)state;

    must_save(10, 1, 1);
    assert_int_equal(rename("run/step-00000010", "run/old"), 0);
    must_save(10, 2, 1);
    assert_int_equal(rename("run/old", "run/step-00000010.old"), 0);
    assert_int_equal(rename("run/step-00000010/state", "run/state"), 0);
    assert_int_equal(symlink("state", "run/step-00000010/state"), 0); /* a loop: EIO */
    assert_int_equal(save(10, 3, 1, &eb), RF_EIO);
    assert_non_null(strstr(eb.text, "step-00000010/state"));
    assert_string_equal(names_in_run(), "state step-00000010 step-00000010.old");
    assert_int_equal(rename("run/state", "run/step-00000010/state"), 0);
    assert_int_equal(version_of("run", NULL, NULL), 2);
    assert_int_equal(truncate("run/step-00000010/state", 20), 0);
    must_save(10, 3, 1);
    assert_string_equal(names_in_run(), "step-00000010");
    assert_int_equal(version_of("run", NULL, NULL), 3);
}

/* --- damage */

static const char *const names[] = {"weights.safetensors", "optim.safetensors", "config.yaml",
                                    "state", "MANIFEST"};
enum { NAMES = sizeof names / sizeof *names };

/* Calls `damage` on a copy of each file's bytes and length until it returns false; each time
 * the checkpoint must be refused. */
static void each_is_noticed(bool (*damage)(struct buf *copy, size_t round))
{
    must_save(1, 1, 1);
    for (int i = 0; i < NAMES; i++) {
        struct buf good = {0}, bad = {0};
        char path[64];

        snprintf(path, sizeof path, "run/step-00000001/%s", names[i]);
        assert_int_equal(input_slurp(&good, path, INPUT_RAW, 1 << 20, NULL), RF_OK);
        for (size_t round = 0;; round++) {
            struct errbuf eb = {0};

            buf_clear(&bad);
            assert_int_equal(buf_put(&bad, good.data, good.len), RF_OK);
            if (!damage(&bad, round))
                break;
            write_file(path, bad.data, bad.len);
            if (version_of("run/step-00000001", NULL, &eb) != 0)
                fail_msg("damage %zu of %s goes unnoticed", round, names[i]);
            if (!strstr(eb.text, names[i]) || strchr(eb.text, '\n'))
                fail_msg("damage of %s is called: %s", names[i], eb.text);
        }
        write_file(path, good.data, good.len);
        buf_free(&good);
        buf_free(&bad);
    }
    assert_int_equal(version_of("run/step-00000001", NULL, NULL), 1);
}

static bool flip(struct buf *b, size_t round)
{
    if (round >= b->len * 8)
        return false;
    b->data[round / 8] = (char)(b->data[round / 8] ^ 1 << round % 8);
    return true;
}

static bool cut(struct buf *b, size_t round)
{
    if (round >= b->len)
        return false;
    b->len = round;
    return true;
}

static bool append(struct buf *b, size_t round)
{
    static const char tails[][2] = {"\n", " ", "0", "x"};

    if (round < 4)
        assert_int_equal(buf_put(b, tails[round], 1), RF_OK);
    else if (round == 4)
        assert_int_equal(buf_put(b, "\0", 1), RF_OK);
    else if (round == 5) {
        assert_int_equal(buf_reserve(b, b->len), RF_OK);
        assert_int_equal(buf_put(b, b->data, b->len), RF_OK);
    }
    return round < 6;
}

static void every_flipped_bit_is_noticed(void **state)
{
    (void)state;
    each_is_noticed(flip);
}

static void every_cut_is_noticed(void **state)
{
    (void)state;
    each_is_noticed(cut);
}

static void every_addition_is_noticed(void **state)
{
    (void)state;
    each_is_noticed(append);
}

static void missing_and_mixed_files_are_noticed(void **state)
{
    (void)state;

    must_save(1, 1, 9);
    must_save(2, 2, 9);
    for (int i = 0; i < NAMES; i++) {
        char from[64], to[64];

        snprintf(from, sizeof from, "run/step-00000001/%s", names[i]);
        snprintf(to, sizeof to, "run/step-00000002/%s", names[i]);
        assert_int_equal(rename(to, "aside"), 0);
        assert_int_equal(version_of("run/step-00000002", NULL, NULL), 0);
        if (strcmp(names[i], "config.yaml") != 0) { /* that one is the same in both */
            assert_int_equal(link(from, to), 0);
            assert_int_equal(version_of("run/step-00000002", NULL, NULL), 0);
        }
        assert_int_equal(rename("aside", to), 0);
    }
    write_file("run/step-00000002/note", "more", 4);
    assert_int_equal(version_of("run/step-00000002", NULL, NULL), 2);
}

static void messages_say_what_is_wrong(void **state)
{
    struct errbuf eb;
    (void)state;

    must_save(1, 1, 1);
    assert_int_equal(truncate("run/step-00000001/state", 10), 0);
    assert_int_equal(version_of("run/step-00000001", NULL, &eb), 0);
    assert_non_null(
        strstr(eb.text, "'run/step-00000001/state' has 10 bytes, its manifest says"));
    must_save(1, 1, 1);
    assert_int_equal(truncate("run/step-00000001/MANIFEST", 20), 0);
    assert_int_equal(version_of("run/step-00000001", NULL, &eb), 0);
    assert_string_equal(eb.text, "'run/step-00000001/MANIFEST' ends too early");
}

static void broken_ones_are_passed_over(void **state)
{
    uint64_t broken = 9;
    struct errbuf eb;
    (void)state;

    for (uint64_t i = 1; i <= 3; i++)
        must_save(i, i, 9);
    assert_int_equal(version_of("run", &broken, NULL), 3);
    assert_int_equal(broken, 0);
    assert_int_equal(unlink("run/step-00000003/MANIFEST"), 0);
    assert_int_equal(truncate("run/step-00000002/weights.safetensors", 9), 0);
    assert_int_equal(version_of("run", &broken, NULL), 1);
    assert_int_equal(broken, 2);
    assert_int_equal(unlink("run/step-00000001/state"), 0);
    assert_int_equal(version_of("run", &broken, &eb), 0);
    assert_string_equal(eb.text, "no valid checkpoint in 'run', 3 are broken: "
                                 "'run/step-00000003/MANIFEST' is missing");
}

/* Whether the checkpoint can be used, or its mean of the weights. */
static int used(bool ema)
{
    struct ckpt *c = NULL;
    int rc = ckpt_open_to_use(&c, "run/step-00000001", ema, NULL, NULL);

    ckpt_close(c);
    return rc;
}

/* Of the optimiser only the size is looked at, unless the mean of the weights is wanted. */
static void what_is_not_used_is_not_read(void **state)
{
    static const char optim[] = "run/step-00000001/optim.safetensors";
    struct buf whole = {0};
    (void)state;

    must_save(1, 1, 1);
    assert_int_equal(used(false), RF_OK);
    assert_int_equal(used(true), RF_OK);
    assert_int_equal(input_slurp(&whole, optim, INPUT_RAW, 1 << 20, NULL), RF_OK);
    whole.data[whole.len - 1] ^= 1;
    write_file(optim, whole.data, whole.len);
    assert_int_equal(used(false), RF_OK);
    assert_int_equal(used(true), RF_ECHECK);
    assert_int_equal(truncate(optim, (off_t)whole.len - 1), 0);
    assert_int_equal(used(false), RF_ETRUNC);
    assert_int_equal(unlink(optim), 0);
    assert_int_equal(used(false), RF_ETRUNC);
    must_save(1, 1, 1);
    assert_int_equal(truncate("run/step-00000001/weights.safetensors", 9), 0);
    assert_int_equal(used(false), RF_ETRUNC);
    buf_free(&whole);
}

/* A whole checkpoint may hold what is no number: each is found, also behind the first blocks
 * that are summed, and in a file whose last words lie in a short block. */
static void what_is_not_finite_is_refused(void **state)
{
    enum { MANY = (5 << 20) / 4 + 3 };
    static float x[MANY];
    static const size_t places[] = {0, 1, (1 << 20) / 4, MANY / 2, MANY - 1};
    const float odd[] = {NAN, -NAN, INFINITY, -INFINITY};
    struct tensor t = {.name = "x", .dims = 1, .shape = {MANY}, .data = x};
    struct ckpt_state s = {.step = 1, .vocab_size = 5, .special.mask = 4};
    struct ckpt *c = NULL;
    struct errbuf eb = {0};
    (void)state;

    for (size_t i = 0; i <= sizeof places / sizeof *places; i++) {
        memset(x, 0, sizeof x);
        if (i)
            x[places[i - 1]] = odd[i % 4];
        assert_int_equal(ckpt_save("run", &s, config, &t, 1, NULL, 0, 1, &eb), RF_OK);
        assert_int_equal(ckpt_open(&c, "run", NULL, &eb), RF_OK);
        assert_int_equal(ckpt_read_weights(c, &t, 1, &eb), i ? RF_ENAN : RF_OK);
        ckpt_close(c);
    }
}

/* An older checkpoint is no answer while the newest one may be whole. */
static void what_cannot_be_read_is_not_passed_over(void **state)
{
    static const char version2[] = "rf-checkpoint 2\n";
    struct buf manifest = {0};
    char wanted[128], digest[40] = "";
    struct errbuf eb = {0};
    struct st_sum sum;
    (void)state;

    must_save(1, 1, 9);
    must_save(2, 2, 9);
    for (int i = 0; i < NAMES; i++) {
        char path[64];

        snprintf(path, sizeof path, "run/step-00000002/%s", names[i]);
        snprintf(wanted, sizeof wanted, "cannot read '%s': it is a folder", path);
        assert_int_equal(rename(path, "aside"), 0);
        assert_int_equal(mkdir(path, 0777), 0);
        assert_int_equal(version_of("run", NULL, &eb), 0);
        assert_string_equal(eb.text, wanted);
        assert_int_equal(rmdir(path), 0);
        assert_int_equal(symlink(names[i], path),
                         0); /* a loop: it can be neither read nor found */
        assert_int_equal(version_of("run", NULL, &eb), 0);
        assert_non_null(strstr(eb.text, "cannot open"));
        assert_int_equal(unlink(path), 0);
        assert_int_equal(rename("aside", path), 0);
    }
    assert_int_equal(version_of("run", NULL, NULL), 2);

    /* A later version of the format is no damage either. */
    assert_int_equal(buf_put(&manifest, version2, sizeof version2 - 1), RF_OK);
    sum = sum_bytes(manifest.data, manifest.len);
    for (int i = 0; i < 16; i++)
        snprintf(digest + 2 * i, 3, "%02x", sum.digest[i]);
    assert_int_equal(buf_printf(&manifest, "%s\n", digest), RF_OK);
    write_file("run/step-00000002/MANIFEST", manifest.data, manifest.len);
    buf_free(&manifest);
    assert_int_equal(version_of("run", NULL, &eb), 0);
    assert_non_null(strstr(eb.text, "of a version this program does not know"));
}

/* --- dying and failing */

/* What a run looks like before the save that goes wrong, and that save. */
struct scene {
    const char *name;
    uint64_t before, step, keep; /* before: step of version 1; 0: nothing there */
};
static const struct scene scenes[] = {
    {"first", 0, 10, 1}, {"next", 10, 20, 1}, {"next of two", 10, 20, 2}, {"same", 10, 10, 1}};
enum { SCENES = sizeof scenes / sizeof *scenes };

static void set_scene(const struct scene *s)
{
    assert_int_equal(fresh_run(NULL), 0);
    if (s->before)
        must_save(s->before, 1, 1);
}

/* Save in a child that dies at call `at`; true if it came through. */
static bool dying_save(uint64_t step, uint64_t version, uint64_t keep, int at)
{
    pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        fault.mode = DIE;
        fault.calls = 0;
        fault.at = at;
        _exit(save(step, version, keep, NULL) == RF_OK ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) != 9)
        assert_int_equal(WEXITSTATUS(status), 0);
    return WEXITSTATUS(status) == 0;
}

/* The next save must leave nothing behind but what it keeps. */
static void check_no_garbage(const char *what, int at)
{
    must_save(30, 9, 1);
    if (strcmp(names_in_run(), "step-00000030") != 0)
        fail_msg("%s, call %d: run holds %s", what, at, names_in_run());
    assert_int_equal(version_of("run", NULL, NULL), 9);
}

static void a_save_that_dies_leaves_old_or_new(void **state)
{
    bool done;
    (void)state;

    for (int i = 0; i < SCENES; i++) {
        const struct scene *s = &scenes[i];
        int at = 0, old = 0, new = 0;

        do {
            uint64_t version;

            set_scene(s);
            done = dying_save(s->step, 2, s->keep, ++at);
            version = version_of("run", NULL, NULL);
            if (version != 2 && version != (s->before ? 1 : 0))
                fail_msg("%s, call %d: version %d", s->name, at, (int)version);
            if (done)
                assert_int_equal(version, 2);
            old += version == 1;
            new += version == 2;
            check_no_garbage(s->name, at);
        } while (!done);
        assert_true(at > 20); /* there were calls to die at */
        assert_true((old > 10 || !s->before) && new > 1);
    }
}

static void a_second_death_does_no_harm(void **state)
{
    (void)state;

    for (int i = 0; i < SCENES; i++) {
        const struct scene *s = &scenes[i];
        bool done = false;

        for (int first = 1; !done; first++) {
            bool done_again = false;

            for (int second = 1 + first % 16; !done_again; second += 16) {
                uint64_t before, after;

                set_scene(s);
                done = dying_save(s->step, 2, s->keep, first);
                before = version_of("run", NULL, NULL);
                done_again = dying_save(s->step, 3, s->keep, second);
                after = version_of("run", NULL, NULL);
                if (after != 3 && after != before)
                    fail_msg("%s, calls %d and %d: version %d, then %d", s->name, first, second,
                             (int)before, (int)after);
            }
            check_no_garbage(s->name, first);
        }
    }
}

static void failing_saves(int mode)
{
    for (int i = 0; i < SCENES; i++) {
        const struct scene *s = &scenes[i];
        int rc, at = 0, failed = 0;

        do {
            struct errbuf eb = {0};
            uint64_t version;

            set_scene(s);
            fault.mode = mode == FAIL_ON ? FAIL_ON : FAIL_ONCE;
            fault.at = ++at;
            rc = save(s->step, 2, s->keep, &eb);
            if (fault.calls < at)
                at = 0; /* none failed: the end */
            calm();
            failed += rc != RF_OK;
            version = version_of("run", NULL, NULL);
            if (rc == RF_OK ? version != 2 : version != 2 && version != (s->before ? 1 : 0))
                fail_msg("%s, call %d: %s, version %d", s->name, at, rf_strerror(rc),
                         (int)version);
            if (rc != RF_OK && !*eb.text)
                fail_msg("%s, call %d: no message", s->name, at);
            check_no_garbage(s->name, at);
        } while (at);
        assert_true(failed > 20);
    }
}

static void a_save_that_fails_leaves_old_or_new(void **state)
{
    (void)state;
    failing_saves(FAIL_ONCE);
}

static void a_full_disk_leaves_old_or_new(void **state)
{
    (void)state;
    failing_saves(FAIL_ON);
}

/* --- the order that a power loss asks for */

static const char *after(const char *from, const char *line)
{
    const char *at = strstr(from, line);

    if (!at)
        fail_msg("no '%s' in\n%s", line, from);
    return at + strlen(line);
}

static void syncs_come_in_order(void **state)
{
    const char *at;
    (void)state;

    must_save(10, 1, 1);
    fault.mode = LOG;
    must_save(20, 2, 1);
    fault.mode = CALM;
    at = fault.log.data;
    for (int i = 0; i < NAMES; i++) { /* each file: its bytes, its name, its folder */
        char line[256];

        snprintf(line, sizeof line, "fsync run/step-00000020.tmp/%s.tmp\n", names[i]);
        at = after(at, line);
        snprintf(line, sizeof line,
                 "rename run/step-00000020.tmp/%s.tmp run/step-00000020.tmp/%s\n", names[i],
                 names[i]);
        at = after(at, line);
        at = after(at, "fsync run/step-00000020.tmp\n");
    }
    at = after(at, "rename run/step-00000020.tmp run/step-00000020\n");
    at = after(at, "fsync run\n");
    at = after(at, "rename run/step-00000010 run/step-00000010.tmp\n");
    at = after(at, "rmdir run/step-00000010.tmp\n");
    assert_string_equal(at, "");
    buf_free(&fault.log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_saved_comes_back, fresh_run),
        cmocka_unit_test(ids_are_of_the_vocabulary),
        cmocka_unit_test_setup(the_manifest_is_as_documented, fresh_run),
        cmocka_unit_test_setup(golden_ones_are_read_and_written, fresh_run),
        cmocka_unit_test_setup(equal_saves_are_equal_bytes, fresh_run),
        cmocka_unit_test_setup(the_newest_are_kept, fresh_run),
        cmocka_unit_test_setup(broken_ones_do_not_count, fresh_run),
        cmocka_unit_test_setup(later_steps_are_left_alone, fresh_run),
        cmocka_unit_test_setup(others_files_are_left_alone, fresh_run),
        cmocka_unit_test_setup(runs_and_checkpoints_are_told_apart, fresh_run),
        cmocka_unit_test_setup(a_folder_that_cannot_be_read_is_an_error, fresh_run),
        cmocka_unit_test_setup(what_cannot_be_read_is_not_dropped, fresh_run),
        cmocka_unit_test_setup(every_flipped_bit_is_noticed, fresh_run),
        cmocka_unit_test_setup(every_cut_is_noticed, fresh_run),
        cmocka_unit_test_setup(every_addition_is_noticed, fresh_run),
        cmocka_unit_test_setup(missing_and_mixed_files_are_noticed, fresh_run),
        cmocka_unit_test_setup(messages_say_what_is_wrong, fresh_run),
        cmocka_unit_test_setup(broken_ones_are_passed_over, fresh_run),
        cmocka_unit_test_setup(what_is_not_used_is_not_read, fresh_run),
        cmocka_unit_test_setup(what_is_not_finite_is_refused, fresh_run),
        cmocka_unit_test_setup(what_cannot_be_read_is_not_passed_over, fresh_run),
        cmocka_unit_test_setup(a_save_that_dies_leaves_old_or_new, fresh_run),
        cmocka_unit_test_setup(a_second_death_does_no_harm, fresh_run),
        cmocka_unit_test_setup(a_save_that_fails_leaves_old_or_new, fresh_run),
        cmocka_unit_test_setup(a_full_disk_leaves_old_or_new, fresh_run),
        cmocka_unit_test_setup(syncs_come_in_order, fresh_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
