/* cuh_report.c: what the environment asks for; faults, and how the process ends with them. */
#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cuh.h"
#include "ptx.h"

bool cuh_hooked;

/* --- settings */

static unsigned long number(const char *name, unsigned long otherwise)
{
    const char *text = getenv(name);
    char *end;
    unsigned long v;

    if (!text || !*text)
        return otherwise;
    v = strtoul(text, &end, 10);
    if (*end)
        cuh_die("%s is '%s', not a number", name, text);
    return v;
}

/* Which of the words, "a|b|c", the variable is; the first where it is not set. */
static int choice(const char *name, const char *words)
{
    const char *text = getenv(name), *word = words;
    size_t n = text ? strlen(text) : 0;

    if (!n)
        return 0;
    for (int i = 0;; i++) {
        size_t length = strcspn(word, "|");

        if (length == n && memcmp(word, text, n) == 0)
            return i;
        if (!word[length])
            cuh_die("%s is '%s', none of %s", name, text, words);
        word += length + 1;
    }
}

static uint64_t random_state;

const struct settings *cuh_settings(void)
{
    static struct settings s;
    static bool read;

    if (read)
        return &s;
    read = true;
    s.order = (enum order)choice("CUH_ORDER", "seq|rev|random");
    s.preempt = (unsigned)number("CUH_PREEMPT", 0);
    s.sm = (unsigned)number("CUH_SM", 90);
    s.memory_bytes = number("CUH_MEMORY_MB", 2048) << 20;
    s.ptx = getenv("CUH_PTX");
    if (s.ptx && *s.ptx)
        cuh_hooked = true; /* the interpreter notes every access itself */
    else
        s.ptx = NULL;
    if (!number("CUH_LOOK", 1))
        cuh_hooked = false;
    s.guard = number("CUH_GUARD", cuh_hooked) != 0;
    s.eager = number("CUH_EAGER", 0) != 0;
    s.leaks = number("CUH_LEAKS", 1) != 0;
    s.trace = number("CUH_TRACE", 0) != 0;
    s.driver = choice("CUH_DRIVER", "good|none|no-card");
    s.fail = getenv("CUH_FAIL");
    random_state = number("CUH_SEED", 1) * 0x9E3779B97F4A7C15U + 1;
    return &s;
}

/* xorshift64* (Vigna 2016). */
uint32_t cuh_random(void)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (uint32_t)(random_state * 0x2545F4914F6CDD1DU >> 32);
}

bool cuh_injected(const char *call)
{
    static unsigned long calls;
    const char *fail = cuh_settings()->fail;
    size_t n = strlen(call);

    return fail && strncmp(fail, call, n) == 0 && fail[n] == ':' &&
           ++calls == strtoul(fail + n + 1, NULL, 10);
}

/* --- reports */

static long faults;

long cuh_faults(void)
{
    return faults;
}

/* The source's file and line at ip, by binutils' addr2line. */
static void find_place(const void *ip, char *place, size_t size)
{
    char command[4200], *slash;
    Dl_info info;
    FILE *pipe;

    snprintf(place, size, "?");
    if (!dladdr(ip, &info) || !info.dli_fname)
        return;
    snprintf(command, sizeof command, "addr2line -e '%s' 0x%zx 2>/dev/null", info.dli_fname,
             (size_t)((const char *)ip - (const char *)info.dli_fbase) - 1);
    if (!(pipe = popen(command, "r")))
        return;
    if (fgets(place, (int)size, pipe)) {
        place[strcspn(place, " \n")] = '\0';
        if ((slash = strrchr(place, '/')))
            memmove(place, slash + 1, strlen(slash));
    }
    pclose(pipe);
}

enum { TOLD_MAX = 50 };

/* Whether this fault was told before, or enough were; else it is from now on. */
static bool told(uintptr_t place, const char *kind)
{
    static uintptr_t places[TOLD_MAX];
    static const char *kinds[TOLD_MAX];
    static int n;

    for (int i = 0; place && i < n; i++)
        if (places[i] == place && kinds[i] == kind)
            return true;
    if (n == TOLD_MAX)
        return true;
    places[n] = place;
    kinds[n++] = kind;
    return false;
}

static void tell_thread(const struct kernel *k)
{
    const uint3 *b = cuh_block_now();

    fprintf(stderr, "%s, block %u %u %u, thread %d: ", k->name, b->x, b->y, b->z,
            thread_number());
}

void cuh_report(const void *ip, const char *fmt, ...)
{
    const struct kernel *k = kernel_now();
    int line = k && k->entry ? ptx_line() : 0;
    char place[4200] = "";
    va_list args;

    faults++;
    if (told(line ? (uintptr_t)line : (uintptr_t)ip, fmt))
        return;
    if (line)
        snprintf(place, sizeof place, "line %d of its source", line);
    else if (ip)
        find_place(ip, place, sizeof place);
    fputs("cuda-on-host: ", stderr);
    if (k)
        tell_thread(k);
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fprintf(stderr, "%s%s\n", *place ? ", at " : "", place);
}

void cuh_die(const char *fmt, ...)
{
    va_list args;

    fputs("cuda-on-host: ", stderr);
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputc('\n', stderr);
    fflush(NULL);
    _exit(CUH_FAULTS);
}

/* --- the end */

static void left(size_t n, const char *what)
{
    if (n)
        cuh_report(NULL, "at the end of the process %zu %s not given back", n, what);
}

/* Runs behind the program's own exit handlers; the exit status is ours alone if there is a
 * fault. */
__attribute__((destructor)) static void finish(void)
{
    if (cuh_settings()->leaks) {
        left(memory_left(), "allocations were");
        left(pinned_left(), "allocations of pinned memory were");
        left(streams_left(), "streams were");
        left(events_left(), "events were");
        left(graphs_left(), "graphs were");
        left(blas_left(), "handles of cuBLAS were");
        left(nccl_left(), "communicators of NCCL were");
    }
    card_trace();
    if (!faults)
        return;
    fprintf(stderr, "cuda-on-host: %ld faults\n", faults);
    fflush(NULL);
    _exit(CUH_FAULTS);
}
