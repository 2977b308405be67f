/* cuh_card.c: what the card is and has, launches within its limits, errors. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cuda_runtime.h>

#include "cuh.h"
#include "ptx.h"

enum { SHARED_UNASKED = 48 << 10 };

/* NVIDIA's programming guide, the table of technical specifications of compute capabilities. */
static const struct card {
    unsigned sm;
    int shared_optin; /* KiB of shared memory that a block may ask for, */
    int shared;       /* that a multiprocessor has */
} cards[] = {{75, 64, 64},   {80, 163, 164},  {86, 99, 100}, {89, 99, 100},
             {90, 227, 228}, {100, 227, 228}, {120, 99, 100}};

static const struct card *the_card(void)
{
    for (size_t i = 0; i < sizeof cards / sizeof *cards; i++)
        if (cards[i].sm == cuh_settings()->sm)
            return &cards[i];
    cuh_die("CUH_SM is %u, no compute capability that is known", cuh_settings()->sm);
}

/* --- errors */

static cudaError_t last_error;

cudaError_t cuda_error(cudaError_t e)
{
    if (e != cudaSuccess)
        last_error = e;
    return e;
}

cudaError_t cudaGetLastError(void)
{
    cudaError_t e = last_error;

    last_error = cudaSuccess;
    return e;
}

cudaError_t cudaPeekAtLastError(void)
{
    return last_error;
}

const char *cudaGetErrorString(cudaError_t e)
{
    switch (e) {
    case cudaSuccess: return "no error";
    case cudaErrorInvalidValue: return "invalid argument";
    case cudaErrorMemoryAllocation: return "out of memory";
    case cudaErrorInvalidConfiguration: return "invalid configuration argument";
    case cudaErrorInsufficientDriver:
        return "CUDA driver version is insufficient for CUDA runtime version";
    case cudaErrorNoDevice: return "no CUDA-capable device is detected";
    case cudaErrorInvalidResourceHandle: return "invalid resource handle";
    case cudaErrorLaunchFailure: return "unspecified launch failure";
    default: return "unknown error";
    }
}

/* --- the card */

/* Without a driver the real call leaves the number as it was. */
cudaError_t cudaGetDeviceCount(int *n)
{
    if (cuh_settings()->driver == DRIVER_NONE)
        return cuda_error(cudaErrorInsufficientDriver);
    *n = cuh_settings()->driver == DRIVER_NO_CARD ? 0 : 1;
    return cuda_error(*n ? cudaSuccess : cudaErrorNoDevice);
}

cudaError_t cudaSetDevice(int device)
{
    return device == 0 ? cudaSuccess : cuda_error(cudaErrorInvalidDevice);
}

cudaError_t cudaGetDeviceProperties(struct cudaDeviceProp *p, int device)
{
    const struct card *card = the_card();

    if (device != 0)
        return cuda_error(cudaErrorInvalidDevice);
    memset(p, 0, sizeof *p);
    snprintf(p->name, sizeof p->name, "CUDA on the host, as sm_%u", card->sm);
    p->major = (int)card->sm / 10;
    p->minor = (int)card->sm % 10;
    p->totalGlobalMem = cuh_settings()->memory_bytes;
    p->sharedMemPerBlock = SHARED_UNASKED;
    p->sharedMemPerBlockOptin = (size_t)card->shared_optin << 10;
    p->sharedMemPerMultiprocessor = (size_t)card->shared << 10;
    p->regsPerBlock = 1 << 16;
    p->warpSize = LANES;
    p->maxThreadsPerBlock = THREADS_MAX;
    p->multiProcessorCount = 4;
    return cudaSuccess;
}

/* --- what a kernel may have */

static struct allowance {
    const void *kernel;
    size_t shared;
} allowances[128];

/* The kernel's entry, or the first that is nobody's. */
static struct allowance *allowance_of(const void *kernel)
{
    struct allowance *a = allowances;

    while (a < allowances + 127 && a->kernel && a->kernel != kernel)
        a++;
    return a;
}

cudaError_t cudaFuncSetAttribute(const void *kernel, enum cudaFuncAttribute what, int value)
{
    struct allowance *a = allowance_of(kernel);

    if (what != cudaFuncAttributeMaxDynamicSharedMemorySize)
        return cudaSuccess;
    if (value < 0 || value > the_card()->shared_optin << 10)
        return cuda_error(cudaErrorInvalidValue);
    a->kernel = kernel;
    a->shared = (size_t)value;
    return cudaSuccess;
}

/* --- launches */

static struct count {
    char name[64];
    unsigned long launches, threads;
} counts[256];

static void note_launch(const char *name, size_t threads)
{
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct count *c = &counts[i];

        if (!*c->name)
            snprintf(c->name, sizeof c->name, "%s", name);
        if (strncmp(c->name, name, sizeof c->name - 1) == 0) {
            c->launches++;
            c->threads += threads;
            return;
        }
    }
}

void card_trace(void)
{
    if (!cuh_settings()->trace)
        return;
    for (size_t i = 0; i < sizeof counts / sizeof *counts && *counts[i].name; i++)
        fprintf(stderr, "cuda-on-host: launches %lu threads %lu %s\n", counts[i].launches,
                counts[i].threads, counts[i].name);
}

/* A launch, as a stream keeps it; the call and the parameters lie behind it. */
struct launch {
    struct kernel k;
    char name[64];
};

static size_t round_up(size_t bytes)
{
    return (bytes + 15) / 16 * 16;
}

static void do_launch(void *data)
{
    struct launch *l = data;

    l->k.name = l->name;
    l->k.call = l + 1;
    l->k.parameters = (char *)(l + 1) + round_up(l->k.call_bytes);
    kernel_run(&l->k);
}

static cudaError_t check_launch(const void *kernel, dim3 g, dim3 b, size_t shared)
{
    size_t threads = (size_t)b.x * b.y * b.z, allowed = SHARED_UNASKED;
    const struct allowance *a = allowance_of(kernel);

    if (a->kernel == kernel && a->shared > allowed)
        allowed = a->shared;
    if (!threads || threads > THREADS_MAX || b.x > 1024 || b.y > 1024 || b.z > 64)
        return cudaErrorInvalidConfiguration;
    if (!g.x || !g.y || !g.z || g.x > INT32_MAX || g.y > 65535 || g.z > 65535)
        return cudaErrorInvalidConfiguration;
    return shared > allowed ? cudaErrorInvalidValue : cudaSuccess;
}

void cuh_launch_kernel(const char *name, const void *kernel, dim3 grid, dim3 block,
                       size_t shared, cudaStream_t stream, void (*run)(const void *),
                       const void *call, size_t call_bytes, const void *parameters,
                       size_t parameter_bytes)
{
    cudaError_t e = check_launch(kernel, grid, block, shared);
    size_t bytes = sizeof(struct launch) + round_up(call_bytes) + parameter_bytes;
    struct launch *l;

    if (cuh_injected("kernel"))
        e = cudaErrorLaunchFailure;
    if (e != cudaSuccess) {
        cuda_error(e);
        return;
    }
    note_launch(name, (size_t)grid.x * grid.y * grid.z * block.x * block.y * block.z);
    if (!(l = calloc(1, bytes)))
        cuh_die("out of memory");
    l->k = (struct kernel){
        .grid = grid, .block = block, .shared = shared, .run = run, .call_bytes = call_bytes};
    snprintf(l->name, sizeof l->name, "%s", name);
    if (cuh_settings()->ptx)
        ptx_choose(&l->k, kernel, name);
    memcpy(l + 1, call, call_bytes);
    memcpy((char *)(l + 1) + round_up(call_bytes), parameters, parameter_bytes);
    stream_add(stream, do_launch, l, bytes);
    free(l);
}
