#include "nn/nn.h"

#include <stdarg.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

#include "base/progress.h"
#include "nn/host.h"

enum { ALIGN = 64, PAGE = 4096, LARGEST_PAGE = 64 << 10, LARGE_PAGE = 2 << 20 };

struct isa {
    enum nn_kind kind;
    const char *name;
    const struct loop_kernels *loops;
    const struct attn_kernels *attn;
    const struct gemm_kernels *gemm;
    const struct attn_kernels *attn16; /* for NN_BF16; NULL: none */
    const struct gemm_kernels *gemm16;
};

#if defined(__x86_64__)
static bool has_bf16(void)
{
    return __builtin_cpu_supports("avx512bf16");
}

/* Room for tiles is given to a process that asks (Linux, Documentation/arch/x86/xstate.rst). */
static bool has_amx(void)
{
    enum { AMX_BF16 = 1 << 22, AMX_TILE = 1 << 24, ARCH_REQ_XCOMP_PERM = 0x1023, TILES = 18 };
    unsigned a, b, c, d;

    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d & AMX_TILE) && (d & AMX_BF16) &&
           syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, TILES) == 0;
}
#endif

/* What each needs is what the Makefile's -march for its kernels may use. */
static bool supported(enum nn_kind kind)
{
#if defined(__x86_64__)
    bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
              __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    bool v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
              __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
              __builtin_cpu_supports("avx512vl");

    if (kind == NN_AMX)
        return v4 && has_bf16() && has_amx();
    if (kind == NN_AVX512)
        return v4;
    if (kind == NN_AVX2)
        return v3;
#endif
    (void)kind;
    return true;
}

/*
 * In every thread of an NN_CPU denormals are 0, read or written: on some processors an
 * operation on one takes a hundred times as long. Threads that OpenMP starts later inherit it.
 */
static void flush_denormals(const struct nn *nn)
{
#if defined(__x86_64__)
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
        {NN_AMX, "amx", &loops_avx512, &attn_avx512, &gemm_avx512, &attn_amx, &gemm_amx},
        {NN_AVX512, "avx512", &loops_avx512, &attn_avx512, &gemm_avx512, &attn_bf16,
         &gemm_bf16},
        {NN_AVX2, "avx2", &loops_avx2, &attn_avx2, &gemm_avx2, NULL, NULL},
#endif
        {NN_PLAIN, "plain", &loops_plain, &attn_plain, &gemm_plain, NULL, NULL},
        {NN_REF, "reference", NULL, NULL, NULL, NULL, NULL},
    };

    for (size_t i = 0; i < sizeof isas / sizeof *isas; i++)
        if ((kind == NN_CPU || kind == isas[i].kind) && supported(isas[i].kind))
            return &isas[i];
    return NULL;
}

/* At the shapes of both models our own products are 0.92 to 1.25 times as fast as oneDNN's in
 * float32 and 1.01 to 1.3 times in bfloat16 on Zen 4, 1.1 to 2.2 times by AMX; but it has
 * kernels for processors that have none here. */
static int choose_kernels(struct host *h, const struct isa *isa, const struct nn_options *o)
{
    bool narrow = false, foreign;

#if defined(__x86_64__)
    narrow = o->dtype == NN_BF16 && isa->gemm16 && has_bf16();
#endif
    h->isa = isa->name;
    h->loops = isa->loops;
    h->attn = narrow ? isa->attn16 : isa->attn;
    h->gemm = narrow ? isa->gemm16 : isa->gemm;
    h->dtype = narrow ? NN_BF16 : NN_FP32;
    h->how = o->gemm;
    foreign = o->gemm == NN_GEMM_ONEDNN ||
              (o->gemm == NN_GEMM_FAST && o->kind == NN_CPU && isa->kind == NN_PLAIN);
    return h->gemm && foreign ? dnn_open(&h->engine) : RF_OK;
}

int nn_open_with(struct nn **nn, const struct nn_options *o, struct errbuf *eb)
{
    static const char *const names[] = {
        [NN_AVX2] = "AVX2", [NN_AVX512] = "AVX-512", [NN_AMX] = "AMX"};
    const struct isa *isa = choose(o->kind);
    struct host *h;

    if (o->threads < 1)
        return err_set(eb, RF_EINVAL, "%d threads: at least 1 is needed", o->threads);
    if (!isa)
        return err_set(eb, RF_EINVAL, "this processor has no %s", names[o->kind]);
    h = calloc(1, sizeof *h);
    if (!h)
        return err_nomem(eb);
    h->nn.ops = o->kind == NN_REF ? &ops_ref : &ops_cpu;
    h->nn.threads = o->threads;
    if (choose_kernels(h, isa, o) != RF_OK) {
        free(h);
        return err_nomem(eb);
    }
    *nn = &h->nn;
    flush_denormals(*nn);
    return RF_OK;
}

int nn_open(struct nn **nn, enum nn_kind kind, int threads, struct errbuf *eb)
{
    return nn_open_with(nn, &(struct nn_options){.kind = kind, .threads = threads}, eb);
}

int nn_status(const struct nn *nn, struct errbuf *eb)
{
    return nn->failed ? err_set(eb, nn->failed, "%s", nn->why.text) : RF_OK;
}

const char *nn_isa(const struct nn *nn)
{
    return ((const struct host *)nn)->isa;
}

const char *nn_gemm_name(const struct nn *nn)
{
    const struct host *h = (const struct host *)nn;

    if (!h->gemm)
        return "reference";
    return h->engine ? "oneDNN" : h->how == NN_GEMM_EXACT ? "own exact" : "own";
}

enum nn_dtype nn_dtype(const struct nn *nn)
{
    return ((const struct host *)nn)->dtype;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Of random numbers: a processor at its limit of power is faster with zeros or ones, which
 * switch fewer bits. The median: one that is fast for a moment is not so for a whole step. */
double nn_gemm_peak(struct nn *nn, float *room, size_t floats)
{
    enum { N = 2048, RUNS = 64 };
    static const double most = 0.3; /* seconds after which no other run begins */
    size_t one = (size_t)N * N, bytes = 2 * one * sizeof(float), n = 0;
    float *own = NULL, *x = room, *y;
    double begin, from, seconds[RUNS];

    if (nn->ops == &ops_ref)
        return 0;
    if (floats < 2 * one && !(x = own = nn->ops->mem_new(nn, bytes)))
        return 0;
    y = x + one;
    nn->ops->fill_normal(nn, x, 1, (struct rng){0}, one);
    begin = now_s();
    while (n < RUNS && (n < 1 || now_s() - begin < most)) {
        from = now_s();
        nn->ops->gemm(nn, N, N, N, x, false, x, false, 0, y);
        (void)nn->ops->sum_squares(nn, y, 1); /* waits */
        seconds[n++] = now_s() - from;
    }
    if (own)
        nn->ops->mem_free(nn, own, bytes);
    qsort(seconds, n, sizeof *seconds, by_size);
    return nn->failed ? 0 : 2e-9 * N * N * N / seconds[n / 2];
}

void nn_close(struct nn *nn)
{
    struct host *h = (struct host *)nn;

    if (!h)
        return;
    free(h->scratch);
    free(h->packed);
    dnn_close(h->engine);
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

/* *buffer, of *size bytes, made at least `bytes` large; its content is lost. */
static void *grow(struct nn *nn, void **buffer, size_t *size, size_t bytes)
{
    if (bytes > *size) {
        free(*buffer);
        *size = 0;
        if (posix_memalign(buffer, ALIGN, bytes)) {
            *buffer = NULL;
            host_fail(nn, RF_ENOMEM, "no memory for %zu bytes of scratch", bytes);
            return NULL;
        }
        *size = bytes;
    }
    return *buffer;
}

void *host_scratch(struct nn *nn, size_t bytes)
{
    struct host *h = (struct host *)nn;

    return grow(nn, &h->scratch, &h->scratch_bytes, bytes);
}

void *host_packed(struct nn *nn, size_t bytes)
{
    struct host *h = (struct host *)nn;

    return grow(nn, &h->packed, &h->packed_bytes, bytes);
}

/* Zeros already, but touched here, by all threads, so that no page is missing in a step. */
static void touch(char *p, size_t bytes, int threads)
{
#pragma omp parallel for num_threads(threads)
    for (size_t i = 0; i < bytes; i += PAGE)
        p[i] = 0;
}

/* Large pages where the system has them: fewer misses where attention gathers rows. */
static void *map_large(size_t bytes, int threads)
{
    size_t more = bytes + LARGE_PAGE;
    char *all = mmap(NULL, more, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    size_t before = -(uintptr_t)all % LARGE_PAGE;

    if (all == MAP_FAILED)
        return NULL;
    if (before)
        munmap(all, before);
    munmap(all + before + bytes, LARGE_PAGE - before);
    (void)madvise(all + before, bytes, MADV_HUGEPAGE);
    touch(all + before, bytes, threads);
    return all + before;
}

static size_t whole_pages(size_t bytes)
{
    return (bytes + LARGEST_PAGE - 1) / LARGEST_PAGE * LARGEST_PAGE;
}

void *host_mem_new(struct nn *nn, size_t bytes)
{
    void *p;

    if (bytes >= 2 * LARGE_PAGE)
        return map_large(whole_pages(bytes), nn->threads);
    if (posix_memalign(&p, ALIGN, bytes ? bytes : 1))
        return NULL;
    memset(p, 0, bytes);
    return p;
}

void host_mem_free(struct nn *nn, void *p, size_t bytes)
{
    (void)nn;
    if (p && bytes >= 2 * LARGE_PAGE)
        munmap(p, whole_pages(bytes));
    else
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
