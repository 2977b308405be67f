/* memory.cu: memory of the device, copies to, from and within it. */
#include <string.h>

#include "cuda.h"

enum { SCRATCH_ALIGN = 256 };

void *cuda_mem_new(struct nn *nn, size_t bytes)
{
    void *p = NULL;
    cudaError_t e;

    cuda_flush(nn);
    if (nn->failed)
        return NULL;
    e = cudaMalloc(&p, bytes ? bytes : 1);
    if (e == cudaErrorMemoryAllocation) {
        (void)cudaGetLastError(); /* which would be found again behind the next launch */
        return NULL;
    }
    if (!cuda_check(nn, e, "cudaMalloc"))
        return NULL;
    cuda_zero(nn, p, bytes);
    return p;
}

void cuda_mem_free(struct nn *nn, void *p, size_t bytes)
{
    (void)bytes;
    if (p) {
        cuda_flush(nn);
        cudaStreamSynchronize(cuda_of(nn)->work);
        CUDA_TRY(nn, cudaFree(p));
    }
}

void *cuda_host_new(struct nn *nn, size_t bytes)
{
    void *p = NULL;

    if (nn->failed || cudaMallocHost(&p, bytes ? bytes : 1) != cudaSuccess) {
        (void)cudaGetLastError();
        return NULL;
    }
    memset(p, 0, bytes);
    return p;
}

void cuda_host_free(struct nn *nn, void *p, size_t bytes)
{
    (void)bytes;
    if (p)
        CUDA_TRY(nn, cudaFreeHost(p));
}

void cuda_zero(struct nn *nn, void *y, size_t bytes)
{
    if (bytes && cuda_record(nn))
        CUDA_TRY(nn, cudaMemsetAsync(y, 0, bytes, cuda_of(nn)->work));
}

/* The scratch grows while shapes are new, and then no more. */
void *cuda_scratch(struct nn *nn, size_t bytes)
{
    struct cuda *c = cuda_of(nn);

    if (nn->failed)
        return NULL;
    bytes = (bytes + SCRATCH_ALIGN - 1) / SCRATCH_ALIGN * SCRATCH_ALIGN;
    if (bytes <= c->scratch_bytes)
        return c->scratch;
    cuda_flush(nn);
    if (c->scratch &&
        (!CUDA_TRY(nn, cudaStreamSynchronize(c->work)) || !CUDA_TRY(nn, cudaFree(c->scratch))))
        return NULL;
    c->scratch = NULL;
    c->scratch_bytes = 0;
    if (!CUDA_TRY(nn, cudaMalloc(&c->scratch, bytes)))
        return NULL;
    c->scratch_bytes = bytes;
    return c->scratch;
}

/*
 * A part goes into a place of its own in pinned memory, so that the caller's may change, and
 * from there to the device on the stream of copies, beside the ops that were asked for before;
 * the last move, within the device, is in order with them.
 */
static bool upload_part(struct nn *nn, char *to, const char *from, size_t bytes)
{
    struct cuda *c = cuda_of(nn);
    struct stage *s = &c->stages[c->next_stage++ % STAGES];

    if (!CUDA_TRY(nn, cudaEventSynchronize(s->arrived)))
        return false;
    memcpy(s->pinned, from, bytes);
    return CUDA_TRY(nn, cudaStreamWaitEvent(c->copies, s->used, 0)) &&
           CUDA_TRY(nn, cudaMemcpyAsync(s->device, s->pinned, bytes, cudaMemcpyHostToDevice,
                                        c->copies)) &&
           CUDA_TRY(nn, cudaEventRecord(s->arrived, c->copies)) &&
           CUDA_TRY(nn, cudaStreamWaitEvent(c->work, s->arrived, 0)) &&
           CUDA_TRY(nn,
                    cudaMemcpyAsync(to, s->device, bytes, cudaMemcpyDeviceToDevice, c->work)) &&
           CUDA_TRY(nn, cudaEventRecord(s->used, c->work));
}

void cuda_upload(struct nn *nn, void *to_device, const void *from_host, size_t bytes)
{
    char *to = (char *)to_device;
    const char *from = (const char *)from_host;
    bool good;

    cuda_flush(nn);
    good = !nn->failed;
    for (size_t n; good && bytes; to += n, from += n, bytes -= n) {
        n = bytes < STAGE_BYTES ? bytes : (size_t)STAGE_BYTES;
        good = upload_part(nn, to, from, n);
    }
}

void cuda_download(struct nn *nn, void *to_host, const void *from_device, size_t bytes)
{
    struct cuda *c = cuda_of(nn);

    cuda_flush(nn);
    if (bytes && !nn->failed &&
        CUDA_TRY(nn,
                 cudaMemcpyAsync(to_host, from_device, bytes, cudaMemcpyDeviceToHost, c->work)))
        cuda_wait(nn);
}

void cuda_copy(struct nn *nn, void *to, const void *from, size_t bytes)
{
    if (bytes && cuda_record(nn))
        CUDA_TRY(nn,
                 cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, cuda_of(nn)->work));
}

void cuda_wait(struct nn *nn)
{
    struct cuda *c = cuda_of(nn);

    cuda_flush(nn);
    c->next_graph = 0;
    if (!nn->failed) {
        nn->waits++;
        CUDA_TRY(nn, cudaStreamSynchronize(c->work));
    }
}

size_t cuda_scratch_bytes(const struct nn *nn, const struct attend_dims *attention, double rows,
                          size_t V)
{
    return card_scratch_bytes(&nn->about, attention, rows, V);
}
