#include "nn/nn.h"

#include <stdarg.h>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

#include "nn/host.h"

enum { ALIGN = 64 };

struct isa {
    enum nn_kind kind;
    const char *name;
    const struct loop_kernels *loops;
    const struct attn_kernels *attn;
};

/* What each needs is what the Makefile's -march for its kernels may use. */
static bool supported(enum nn_kind kind)
{
    bool v3 = false, v4 = false;

#if defined(__x86_64__)
    v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
#endif
    return kind == NN_AVX512 ? v4 : kind == NN_AVX2 ? v3 : true;
}

/*
 * In every thread of an NN_CPU denormals are 0, read or written: on some processors an
 * operation on one takes a hundred times as long. Threads that OpenMP starts later inherit it.
 */
static void flush_denormals(const struct nn *nn)
{
#if defined(__SSE2__)
    enum { FLUSH_TO_ZERO = 0x8000, DENORMALS_ARE_ZERO = 0x40 };

    if (nn->ops != &ops_cpu)
        return;
#pragma omp parallel num_threads(nn->threads)
    _mm_setcsr(_mm_getcsr() | FLUSH_TO_ZERO | DENORMALS_ARE_ZERO);
#else
    (void)nn;
#endif
}

/* The kernels of `kind`, for NN_CPU the widest that the processor has; NULL: it lacks them. */
static const struct isa *choose(enum nn_kind kind)
{
    static const struct isa isas[] = {
#if defined(__x86_64__)
        {NN_AVX512, "avx512", &loops_avx512, &attn_avx512},
        {NN_AVX2, "avx2", &loops_avx2, &attn_avx2},
#endif
        {NN_PLAIN, "plain", &loops_plain, &attn_plain},
        {NN_REF, "reference", NULL, NULL},
    };

    for (size_t i = 0; i < sizeof isas / sizeof *isas; i++)
        if ((kind == NN_CPU || kind == isas[i].kind) && supported(isas[i].kind))
            return &isas[i];
    return NULL;
}

int nn_open(struct nn **nn, enum nn_kind kind, int threads, struct errbuf *eb)
{
    const struct isa *isa = choose(kind);
    struct host *h;

    if (threads < 1)
        return err_set(eb, RF_EINVAL, "%d threads: at least 1 is needed", threads);
    if (!isa)
        return err_set(eb, RF_EINVAL, "this processor has no %s",
                       kind == NN_AVX2 ? "AVX2" : "AVX-512");
    h = calloc(1, sizeof *h);
    if (!h)
        return err_nomem(eb);
    h->nn.ops = kind == NN_REF ? &ops_ref : &ops_cpu;
    h->nn.threads = threads;
    h->isa = isa->name;
    h->loops = isa->loops;
    h->attn = isa->attn;
    *nn = &h->nn;
    flush_denormals(*nn);
    return RF_OK;
}

int nn_status(const struct nn *nn, struct errbuf *eb)
{
    return nn->failed ? err_set(eb, nn->failed, "%s", nn->why.text) : RF_OK;
}

const char *nn_isa(const struct nn *nn)
{
    return ((const struct host *)nn)->isa;
}

void nn_close(struct nn *nn)
{
    struct host *h = (struct host *)nn;

    if (!h)
        return;
    free(h->scratch);
    free(h);
}

void host_fail(struct nn *nn, int rc, const char *fmt, ...)
{
    va_list ap;

    if (nn->failed)
        return;
    nn->failed = rc;
    va_start(ap, fmt);
    vsnprintf(nn->why.text, sizeof nn->why.text, fmt, ap);
    va_end(ap);
}

void *host_scratch(struct nn *nn, size_t bytes)
{
    struct host *h = (struct host *)nn;

    if (bytes > h->scratch_bytes) {
        free(h->scratch);
        h->scratch_bytes = 0;
        if (posix_memalign(&h->scratch, ALIGN, bytes)) {
            h->scratch = NULL;
            host_fail(nn, RF_ENOMEM, "no memory for %zu bytes of scratch", bytes);
            return NULL;
        }
        h->scratch_bytes = bytes;
    }
    return h->scratch;
}

void *host_mem_new(struct nn *nn, size_t bytes)
{
    void *p;

    (void)nn;
    if (posix_memalign(&p, ALIGN, bytes ? bytes : 1))
        return NULL;
    return memset(p, 0, bytes); /* touched here, so that no page is missing in a step */
}

void host_mem_free(struct nn *nn, void *p, size_t bytes)
{
    (void)nn;
    (void)bytes;
    free(p);
}

void host_upload(struct nn *nn, void *to, const void *from, size_t bytes)
{
    (void)nn;
    memcpy(to, from, bytes);
}

void host_download(struct nn *nn, void *to, const void *from, size_t bytes)
{
    (void)nn;
    memcpy(to, from, bytes);
}
