/* cpu_open.c: which kernels this processor gets, and a device that runs them. */
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

#include "base/x86.h"
#include "cpu/host.h"

const struct nn_ops ops_cpu = {.name = "cpu",
                               .in_host = true,
                               .host_new = host_mem_new,
                               .host_free = host_mem_free,
                               EACH_MOVING_OP(HOST_ENTRY) EACH_COMPUTING_OP(CPU_ENTRY)};

const struct nn_ops ops_ref = {.name = "reference",
                               .in_host = true,
                               .host_new = host_mem_new,
                               .host_free = host_mem_free,
                               EACH_MOVING_OP(HOST_ENTRY) EACH_COMPUTING_OP(REF_ENTRY)};

struct isa {
    enum nn_kind kind;
    const char *name;
    const struct loop_kernels *loops;
    const struct attn_kernels *attn;
    const struct gemm_kernels *gemm;
    const struct attn_kernels *attn16; /* for NN_BF16; NULL: none */
    const struct gemm_kernels *gemm16;
    const struct gemm_kernels *few16; /* for few rows, where no others must have these bits */
    const struct gemm_kernels *split; /* for NN_BF16X3; NULL: none */
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
    if (kind == NN_AMX)
        return x86_v4() && has_bf16() && has_amx();
    if (kind == NN_AVX512)
        return x86_v4();
    if (kind == NN_AVX2)
        return x86_v3();
#endif
    (void)kind;
    return true;
}

#if defined(__x86_64__)
static void flush_own_denormals(void)
{
    enum { FLUSH_TO_ZERO = 0x8000, DENORMALS_ARE_ZERO = 0x40 };

    _mm_setcsr(_mm_getcsr() | FLUSH_TO_ZERO | DENORMALS_ARE_ZERO);
}
#endif

/*
 * In every thread of an NN_CPU denormals are 0, read or written: on some processors an
 * operation on one takes a hundred times as long. Threads that OpenMP starts later inherit it.
 * The calling thread is told outside of the region too: clang's OpenMP takes back what a region
 * of one thread changed.
 */
static void flush_denormals(const struct nn *nn)
{
#if defined(__x86_64__)
    if (nn->ops != &ops_cpu)
        return;
    flush_own_denormals();
#pragma omp parallel num_threads(nn->threads)
    flush_own_denormals();
#else
    (void)nn;
#endif
}

/* The kernels of `kind`, for NN_CPU the widest that the processor has; NULL: it lacks them. */
static const struct isa *choose(enum nn_kind kind)
{
    static const struct isa isas[] = {
#if defined(__x86_64__)
        {NN_AMX, "amx", &loops_avx512, &attn_avx512, &gemm_avx512, &attn_amx, &gemm_amx,
         &gemm_bf16, &gemm_bf16x3},
        {NN_AVX512, "avx512", &loops_avx512, &attn_avx512, &gemm_avx512, &attn_bf16, &gemm_bf16,
         &gemm_bf16, NULL},
        {NN_AVX2, "avx2", &loops_avx2, &attn_avx2, &gemm_avx2, NULL, NULL, NULL, NULL},
#endif
        {NN_PLAIN, "plain", &loops_plain, &attn_plain, &gemm_plain, NULL, NULL, NULL, NULL},
        {NN_REF, "reference", NULL, NULL, NULL, NULL, NULL, NULL, NULL},
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
    bool narrow = false, foreign, split;

#if defined(__x86_64__)
    narrow = o->dtype == NN_BF16 && isa->gemm16 && has_bf16();
#endif
    h->loops = isa->loops;
    h->attn = narrow ? isa->attn16 : isa->attn;
    foreign = o->gemm == NN_GEMM_ONEDNN ||
              (o->gemm == NN_GEMM_FAST && o->kind == NN_CPU && isa->kind == NN_PLAIN);
    split = o->dtype == NN_BF16X3 && isa->split && !foreign;
    h->gemm = narrow ? isa->gemm16 : split ? isa->split : isa->gemm;
    h->gemm32 = isa->gemm;
    h->exact = o->gemm == NN_GEMM_EXACT;
    h->gemm_few = h->exact ? h->gemm : narrow ? isa->few16 : isa->gemm;
    h->nn.about.dtype = narrow ? NN_BF16 : split ? NN_BF16X3 : NN_FP32;
    return h->gemm && foreign ? dnn_open(&h->engine) : RF_OK;
}

/* head_rows is half of what cpu_cross_entropy() could take: with another number gradients would
 * be summed in another order, and runs that began with this one must go on bit for bit. */
static void describe(struct host *h, const struct isa *isa, const struct nn_options *o)
{
    struct nn_about *a = &h->nn.about;

    a->isa = isa->name;
    a->gemm = !h->gemm                   ? "reference"
              : h->engine                ? "oneDNN"
              : o->gemm == NN_GEMM_EXACT ? "own exact"
                                         : "own";
    a->rows = 1024;
    a->head_rows = 512;
    a->peak_n = h->gemm ? 2048 : 0;
}

int host_open(struct nn **nn, const struct nn_options *o, struct errbuf *eb)
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
    h->soon = o->soon;
    if (choose_kernels(h, isa, o) != RF_OK) {
        free(h);
        return err_nomem(eb);
    }
    describe(h, isa, o);
    *nn = &h->nn;
    flush_denormals(*nn);
    return RF_OK;
}
