/* test_heart.c: ranks that end, stop, fail, or are done. Each rank is a process; their messages
 * go through sockets, and rank 0's line comes to the test by a pipe. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/tool.h"
#include "ranks/heart.h"
#include "ranks/patience.h"
#include "ranks/ranks_join.h"
#include "ranks/star.h"

enum { SIZE = 4, PLACE_MAX = 512 };

/* --- the wire: small messages alone, which a socket always has room for */

struct socket_wire {
    struct wire wire;
    int to[SIZE];
    void (*change)(uint8_t *bytes, size_t n); /* NULL, or what happens to all that comes */
    uint8_t last[PLACE_MAX];                  /* what came last */
};

struct waiting {
    void *bytes; /* NULL: it was sent */
    uint32_t n, from;
};

static struct socket_wire *of(struct wire *w)
{
    return (struct socket_wire *)(void *)w;
}

static int socket_send(struct wire *w, struct wire_request *q, int to, int tag,
                       const void *bytes, size_t n)
{
    const struct waiting none = {.bytes = NULL};

    (void)tag;
    memcpy(q->handle, &none, sizeof none);
    return send(of(w)->to[to], bytes, n, MSG_NOSIGNAL) == (ssize_t)n ? RF_OK : RF_EIO;
}

static int socket_receive(struct wire *w, struct wire_request *q, int from, int tag,
                          void *bytes, size_t n)
{
    const struct waiting waiting = {bytes, (uint32_t)n, (uint32_t)from};

    (void)w, (void)tag;
    memcpy(q->handle, &waiting, sizeof waiting);
    return RF_OK;
}

static int socket_done(struct wire *w, struct wire_request *q, bool *done)
{
    struct waiting waiting;
    ssize_t n = 1;

    memcpy(&waiting, q->handle, sizeof waiting);
    if (waiting.bytes) {
        n = recv(of(w)->to[waiting.from], waiting.bytes, waiting.n, MSG_DONTWAIT);
        if (n > 0 && of(w)->change)
            of(w)->change(waiting.bytes, (size_t)n);
        if (n > 0 && (size_t)n <= sizeof of(w)->last)
            memcpy(of(w)->last, waiting.bytes, (size_t)n);
    }
    *done = n > 0;
    return RF_OK;
}

static void socket_close(struct wire *w)
{
    (void)w;
}

static const struct wire_ops socket_ops = {socket_send, socket_receive, NULL,
                                           socket_done, socket_close,   socket_close};

/* --- ranks as processes */

/* What rank 0 tells of itself is token, port and addresses: here, and in strangers_call(). */
enum { PORT_AT = 8, ADDRESSES_AT = 12, PLACE_BYTES = 80 };

struct member {
    struct ranks ranks;
    struct socket_wire wire;
};

/* Returns the status with which the process ends. */
typedef int (*life)(struct member *m);

struct run {
    pid_t pid[SIZE];
    int said; /* what the ranks write on standard error */
    char text[4096];
    int status[SIZE];
    uint64_t ended_ms[SIZE];
};

static void be_rank(int sockets[SIZE][SIZE], int rank, int said, life live)
{
    static struct member m;
    const struct wire wire = {
        .ops = &socket_ops, .rank = rank, .size = SIZE, .locals = SIZE, .local = rank};

    m.wire.wire = wire;
    for (int i = 0; i < SIZE; i++)
        for (int k = 0; k < SIZE; k++)
            if (i == rank)
                m.wire.to[k] = sockets[i][k];
            else if (i != k)
                close(sockets[i][k]);
    dup2(said, STDERR_FILENO);
    close(said);
    alarm(200);
    ranks_join(&m.ranks, &m.wire.wire);
    exit(live(&m)); /* leaks are found on the way */
}

static void start(struct run *r, life live)
{
    int sockets[SIZE][SIZE] = {0}, said[2];

    assert_int_equal(pipe(said), 0);
    for (int i = 0; i < SIZE; i++)
        for (int k = i + 1; k < SIZE; k++) {
            int pair[2];

            assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
            sockets[i][k] = pair[0];
            sockets[k][i] = pair[1];
        }
    *r = (struct run){.said = said[0]};
    (void)fflush(NULL); /* or the ranks would print it too */
    for (int i = 0; i < SIZE; i++) {
        r->pid[i] = fork();
        assert_true(r->pid[i] >= 0);
        if (r->pid[i] == 0)
            be_rank(sockets, i, said[1], live);
    }
    close(said[1]);
    for (int i = 0; i < SIZE; i++)
        for (int k = 0; k < SIZE; k++)
            if (i != k)
                close(sockets[i][k]);
}

/* Wait for one process: its exit status, or minus the signal that ended it. */
static void wait_for_rank(struct run *r, int rank)
{
    int status;

    assert_int_equal(waitpid(r->pid[rank], &status, 0), r->pid[rank]);
    r->status[rank] = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    r->ended_ms[rank] = star_clock_ms();
}

/* Read what was said, which all processes have ended by. */
static void read_said(struct run *r)
{
    size_t n = 0;
    ssize_t got;

    while (n < sizeof r->text - 1 &&
           (got = read(r->said, r->text + n, sizeof r->text - 1 - n)) > 0)
        n += (size_t)got;
    r->text[n] = '\0';
    close(r->said);
}

static int begin(struct member *m, double limit_s)
{
    struct errbuf eb = {0};

    if (heart_open(&m->ranks.heart, &m->ranks, limit_s, &eb) == RF_OK)
        return 0;
    dprintf(STDERR_FILENO, "%s\n", eb.text);
    return 1;
}

/* Write a point when all hear each other. */
static int all_wait(struct member *m, double limit_s)
{
    if (begin(m, limit_s) != 0)
        return 1;
    ranks_progress(&m->ranks, 17);
    (void)dprintf(STDERR_FILENO, ".");
    for (;;)
        (void)pause();
}

static int live_long(struct member *m)
{
    return all_wait(m, 60);
}

static int live_watched(struct member *m)
{
    return all_wait(m, 3);
}

/* Until each rank has written its point. */
static void wait_for_points(struct run *r)
{
    for (int points = 0; points < SIZE;) {
        char c;

        assert_int_equal(read(r->said, &c, 1), 1);
        assert_int_equal(c, '.');
        points++;
    }
}

static void a_rank_that_ends_ends_all(void **state)
{
    (void)state;
    for (int victim = 0; victim < SIZE; victim += 2) {
        char wanted[128];
        struct run r;

        start(&r, live_long);
        wait_for_points(&r);
        assert_int_equal(kill(r.pid[victim], SIGKILL), 0);
        for (int i = 0; i < SIZE; i++)
            wait_for_rank(&r, i);
        read_said(&r);
        for (int i = 0; i < SIZE; i++)
            assert_int_equal(r.status[i], i == victim ? -SIGKILL : EXIT_LOST);
        snprintf(wanted, sizeof wanted,
                 "test_heart: rank %d ended, in step 17: all ranks end\n", victim);
        assert_string_equal(r.text, wanted);
    }
}

static void a_rank_that_stops_ends_all(void **state)
{
    (void)state;
    for (int victim = 0; victim < SIZE; victim += 3) {
        char wanted[64];
        struct run r;
        uint64_t stopped;

        start(&r, live_watched);
        wait_for_points(&r);
        stopped = star_clock_ms();
        assert_int_equal(kill(r.pid[victim], SIGSTOP), 0);
        for (int i = 0; i < SIZE; i++)
            if (i != victim) {
                wait_for_rank(&r, i);
                assert_int_equal(r.status[i], EXIT_LOST);
            }
        assert_true(star_clock_ms() - stopped >= 1500);
        assert_int_equal(kill(r.pid[victim], SIGCONT), 0); /* it hears that it is given up */
        wait_for_rank(&r, victim);
        read_said(&r);
        assert_int_equal(r.status[victim], EXIT_LOST);
        snprintf(wanted, sizeof wanted, "test_heart: rank %d was silent for ", victim);
        assert_memory_equal(r.text, wanted, strlen(wanted));
    }
}

/* --- failures, and the end */

static int fail_as(struct member *m, int rank)
{
    if (begin(m, 60) != 0)
        return 1;
    if (m->ranks.rank == rank)
        return ranks_close(&m->ranks, 3);
    for (;;)
        (void)pause();
}

static int one_fails(struct member *m)
{
    return fail_as(m, 2);
}

static int first_fails(struct member *m)
{
    return fail_as(m, 0);
}

/* Live with nothing said; rank 0 ends with one status, all others with another. */
static void live_to_the_end(life all, int first, int others)
{
    struct run r;

    start(&r, all);
    for (int i = 0; i < SIZE; i++) {
        wait_for_rank(&r, i);
        assert_int_equal(r.status[i], i ? others : first);
    }
    read_said(&r);
    assert_string_equal(r.text, "");
}

static void a_rank_that_fails_ends_all_with_its_status(void **state)
{
    (void)state;
    live_to_the_end(one_fails, 3, 3);
    live_to_the_end(first_fails, 3, 3);
}

/* After ranks_close() rank 3 takes its time, as a process does that gives back much memory. */
static int stop_together(struct member *m)
{
    int status;

    if (begin(m, 60) != 0)
        return 1;
    status = ranks_close(&m->ranks, EXIT_STOPPED);
    if (m->ranks.rank == 3)
        (void)poll(NULL, 0, 3000);
    return status;
}

static int agree_and_end(struct member *m)
{
    if (begin(m, 60) != 0)
        return 1;
    m->ranks.agreed = true;
    return ranks_close(&m->ranks, 1);
}

static void the_first_rank_speaks_last_and_for_all(void **state)
{
    const life lives[] = {stop_together, agree_and_end};
    const int statuses[] = {EXIT_STOPPED, 1};

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        struct run r;

        start(&r, lives[k]);
        wait_for_rank(&r, 0);
        for (int i = 1; i < SIZE; i++) {
            wait_for_rank(&r, i); /* a process is not there to be found as soon as it ends */
            assert_true(r.ended_ms[i] < r.ended_ms[0] + 2000);
            assert_int_equal(r.status[i], 0);
        }
        read_said(&r);
        assert_string_equal(r.text, "");
        assert_int_equal(r.status[0], statuses[k]);
    }
}

/* --- where rank 0 is */

/* As on machines of their own: rank 0 listens at all addresses that it has. */
static int stop_on_many_machines(struct member *m)
{
    m->ranks.local = 0;
    m->ranks.locals = 1;
    return stop_together(m);
}

/* Another address, at which nobody listens, is the first. */
static void add_address(uint8_t *bytes, size_t n)
{
    const uint8_t nobody[4] = {127, 0, 0, 3};

    if (n != PLACE_BYTES)
        return;
    memmove(bytes + ADDRESSES_AT + 4, bytes + ADDRESSES_AT, PLACE_BYTES - ADDRESSES_AT - 8);
    memcpy(bytes + ADDRESSES_AT, nobody, sizeof nobody);
}

static int stop_after_detour(struct member *m)
{
    m->wire.change = m->ranks.rank == 3 ? add_address : NULL; /* it tells no other rank */
    return stop_together(m);
}

static void rank_0_is_found(void **state)
{
    (void)state;
    live_to_the_end(stop_on_many_machines, EXIT_STOPPED, 0);
    live_to_the_end(stop_after_detour, EXIT_STOPPED, 0);
}

/* --- strangers */

static int call_again(const uint8_t *place)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    memcpy(&at.sin_port, place + PORT_AT, sizeof at.sin_port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return connect(fd, (struct sockaddr *)&at, sizeof at) == 0 ? fd : -1;
}

/* Say this, and hear nothing but the end of the stream. */
static void say(const uint8_t *place, const void *bytes, size_t n)
{
    int fd = call_again(place);
    char answer;

    if (fd < 0 || send(fd, bytes, n, MSG_NOSIGNAL) != (ssize_t)n)
        dprintf(STDERR_FILENO, "cannot call\n");
    else if (recv(fd, &answer, 1, 0) > 0)
        dprintf(STDERR_FILENO, "an answer\n");
    close(fd);
}

/* While rank 0 still waits for rank 1, rank 3, which knows port and token, calls as others
 * might: with wrong tokens and numbers, as itself once more, with too few bytes, too many, and
 * so often that the first callers are forgotten. */
static int strangers_call(struct member *m)
{
    uint8_t byte = 0;

    if (m->ranks.rank == 1 && recv(m->wire.to[3], &byte, 1, 0) != 1)
        return 1;
    if (begin(m, 60) != 0)
        return 1;
    if (m->ranks.rank == 3) {
        const uint8_t *place = m->wire.last;
        const uint64_t token = get_le64(place);
        const struct beat wrong[] = {
            {token + 1, BEAT_HELLO, 2, 0},    {token, BEAT_ALIVE, 1, 0},
            {token, BEAT_HELLO, SIZE, 0},     {token, BEAT_HELLO, 0, 0},
            {token, BEAT_HELLO, 3, 0},        {token, BEAT_LEFT, 1, 1},
            {token, (enum beat_kind)99, 1, 0}};
        uint8_t bytes[10 * BEAT_BYTES] = {0};

        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
            beat_put(bytes, &wrong[i]);
            say(place, bytes, BEAT_BYTES);
        }
        say(place, bytes, sizeof bytes);
        for (int i = 0; i < 100; i++)
            (void)!write(call_again(place), bytes, (size_t)i % 2);
        if (send(m->wire.to[1], &byte, 1, 0) != 1)
            return 1;
    }
    return ranks_close(&m->ranks, EXIT_STOPPED);
}

static void strangers_are_not_heard(void **state)
{
    struct run r;

    (void)state;
    start(&r, strangers_call);
    for (int i = 0; i < SIZE; i++) {
        wait_for_rank(&r, i);
        assert_int_equal(r.status[i], i ? 0 : EXIT_STOPPED);
    }
    read_said(&r);
    assert_string_equal(r.text, "");
}

/* Of all messages that differ in one byte from one of a run, it hears those alone that mean
 * something. */
static void bytes_that_are_no_beat_are_dropped(void **state)
{
    const struct beat b = {0x1122334455667788U, BEAT_LEFT, 2, 71};
    uint8_t bytes[BEAT_BYTES];
    size_t heard = 0;
    struct beat got;

    (void)state;
    beat_put(bytes, &b);
    assert_true(beat_get(&got, bytes, b.token, SIZE));
    assert_true(got.kind == b.kind && got.rank == b.rank && got.status == b.status);
    for (size_t i = 0; i < BEAT_BYTES; i++)
        for (int v = 0; v < 256; v++) {
            uint8_t was = bytes[i];

            bytes[i] = (uint8_t)v;
            heard += v != was && beat_get(&got, bytes, b.token, SIZE);
            bytes[i] = was;
        }
    assert_int_equal(heard, (BEAT_KINDS - 2) + (SIZE - 1) + 255); /* kind, rank, status */
}

/* --- who never comes */

static int wait_in_vain(struct member *m)
{
    struct patience p;

    if (m->ranks.rank == 0) { /* in time, and without a limit */
        if (patience_begin(&p, 60, NULL) != RF_OK)
            return 1;
        patience_end(&p);
        if (patience_begin(&p, 0, NULL) != RF_OK)
            return 1;
        patience_end(&p);
        return 0;
    }
    if (patience_begin(&p, 0.1, NULL) != RF_OK)
        return 1;
    for (;;)
        (void)pause();
}

static void patience_has_an_end(void **state)
{
    struct run r;

    (void)state;
    start(&r, wait_in_vain);
    for (int i = 0; i < SIZE; i++) {
        wait_for_rank(&r, i);
        assert_int_equal(r.status[i], i ? EXIT_LOST : 0);
    }
    read_said(&r);
    assert_string_equal(r.text, "test_heart: not all ranks have come within 0.1 s\n"
                                "test_heart: not all ranks have come within 0.1 s\n"
                                "test_heart: not all ranks have come within 0.1 s\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rank_that_ends_ends_all),
        cmocka_unit_test(a_rank_that_stops_ends_all),
        cmocka_unit_test(a_rank_that_fails_ends_all_with_its_status),
        cmocka_unit_test(the_first_rank_speaks_last_and_for_all),
        cmocka_unit_test(rank_0_is_found),
        cmocka_unit_test(strangers_are_not_heard),
        cmocka_unit_test(patience_has_an_end),
        cmocka_unit_test(bytes_that_are_no_beat_are_dropped)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
