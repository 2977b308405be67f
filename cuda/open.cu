/* open.cu: the plugin: its table of ops, how the device is opened and closed, how it fails. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cuda.h"

extern "C" {
#include "nn/plugin.h"
}

/* With less, cuBLAS may choose other algorithms where its own room does not suffice; NVIDIA
 * advises 32 MiB for cards of compute capability 9. */
enum { BLAS_ROOM_BYTES = 32 << 20 };

/* --- failures */

/* Of a call its name: arguments are as the source has them. */
static int name_bytes(const char *call)
{
    return (int)strcspn(call, "(");
}

bool cuda_check(struct nn *nn, cudaError_t e, const char *call)
{
    if (e == cudaSuccess)
        return true;
    nn_fail(nn, e == cudaErrorMemoryAllocation ? RF_ENOMEM : RF_EIO,
            "the GPU failed at %.*s: %s", name_bytes(call), call, cudaGetErrorString(e));
    return false;
}

bool cublas_check(struct nn *nn, cublasStatus_t e, const char *call)
{
    if (e == CUBLAS_STATUS_SUCCESS)
        return true;
    nn_fail(nn, e == CUBLAS_STATUS_ALLOC_FAILED ? RF_ENOMEM : RF_EIO,
            "the GPU failed at %.*s: %s", name_bytes(call), call, cublasGetStatusString(e));
    return false;
}

/* --- opening and closing */

static bool open_stages(struct cuda *c)
{
    struct nn *nn = &c->nn;
    bool good = true;

    for (struct stage *s = c->stages; good && s < c->stages + STAGES; s++)
        good = CUDA_TRY(nn, cudaMallocHost((void **)&s->pinned, STAGE_BYTES)) &&
               CUDA_TRY(nn, cudaMalloc((void **)&s->device, STAGE_BYTES)) &&
               CUDA_TRY(nn, cudaEventCreateWithFlags(&s->arrived, cudaEventDisableTiming)) &&
               CUDA_TRY(nn, cudaEventCreateWithFlags(&s->used, cudaEventDisableTiming));
    return good;
}

/* No atomics and a workspace of our own: with these cuBLAS gives equal bits for equal calls. */
static bool open_blas(struct cuda *c)
{
    struct nn *nn = &c->nn;

    return CUBLAS_TRY(nn, cublasCreate(&c->blas)) &&
           CUBLAS_TRY(nn, cublasSetStream(c->blas, c->work)) &&
           CUBLAS_TRY(nn, cublasSetAtomicsMode(c->blas, CUBLAS_ATOMICS_NOT_ALLOWED)) &&
           CUDA_TRY(nn, cudaMalloc(&c->blas_room, BLAS_ROOM_BYTES)) &&
           CUBLAS_TRY(nn, cublasSetWorkspace(c->blas, c->blas_room, BLAS_ROOM_BYTES));
}

/* What the card is. Its memory is what is free once the device has its own: others may use it
 * too. */
static bool describe(struct cuda *c, const struct nn_options *o)
{
    struct nn *nn = &c->nn;
    struct cudaDeviceProp card;
    size_t unused, all;

    if (!CUDA_TRY(nn, cudaGetDeviceProperties(&card, 0)) ||
        !CUDA_TRY(nn, cudaMemGetInfo(&unused, &all)))
        return false;
    snprintf(c->isa, sizeof c->isa, "sm_%d%d", card.major, card.minor);
    nn->about = card_about(card_memory(unused), card.major >= 8 ? o->dtype : NN_FP32);
    nn->about.isa = c->isa;
    return true;
}

void cuda_close(struct nn *nn)
{
    struct cuda *c = cuda_of(nn);

    cuda_peers.leave(nn, false);
    cuda_drop_graphs(c);
    if (c->work)
        cudaStreamSynchronize(c->work);
    if (c->blas)
        cublasDestroy(c->blas);
    cudaFree(c->blas_room);
    cudaFree(c->scratch);
    for (struct stage *s = c->stages; s < c->stages + STAGES; s++) {
        cudaFreeHost(s->pinned);
        cudaFree(s->device);
        if (s->arrived)
            cudaEventDestroy(s->arrived);
        if (s->used)
            cudaEventDestroy(s->used);
    }
    if (c->copies)
        cudaStreamDestroy(c->copies);
    if (c->work)
        cudaStreamDestroy(c->work);
    free(c);
}

/* Who opened the plugin says which device it was. Without a driver the count stays as it was,
 * so it begins as 0. */
static int find_card(struct errbuf *eb)
{
    int n = 0;
    cudaError_t e = cudaGetDeviceCount(&n);

    if (e == cudaErrorInsufficientDriver)
        return err_set(eb, RF_EINVAL, "NVIDIA's driver is not there, or older than CUDA %d.%d",
                       CUDART_VERSION / 1000, CUDART_VERSION % 1000 / 10);
    if (e == cudaErrorNoDevice || (e == cudaSuccess && n < 1))
        return err_set(eb, RF_EINVAL, "there is no GPU");
    return e == cudaSuccess
               ? RF_OK
               : err_set(eb, RF_EINVAL, "no GPU can be found: %s", cudaGetErrorString(e));
}

static struct nn_ops make_table(void)
{
    struct nn_ops table = {};

    table.name = "cuda";
    table.peers = &cuda_peers;
#define CUDA_ENTRY(op) table.op = cuda_##op;
    EACH_CUDA_OP(CUDA_ENTRY)
    return table;
}

static int open_device(struct nn **nn, const struct nn_options *o, struct errbuf *eb)
{
    static const struct nn_ops table = make_table();
    struct cuda *c;
    int rc = find_card(eb);

    if (rc != RF_OK)
        return rc;
    if (!(c = (struct cuda *)calloc(1, sizeof *c)))
        return err_nomem(eb);
    c->nn.ops = &table;
    c->nn.threads = o->threads;
    c->graphs = o->graphs;
    if (CUDA_TRY(&c->nn, cudaSetDevice(0)) &&
        CUDA_TRY(&c->nn, cudaStreamCreateWithFlags(&c->work, cudaStreamNonBlocking)) &&
        CUDA_TRY(&c->nn, cudaStreamCreateWithFlags(&c->copies, cudaStreamNonBlocking)) &&
        open_blas(c) && open_stages(c) && describe(c, o)) {
        *nn = &c->nn;
        return RF_OK;
    }
    rc = err_set(eb, c->nn.failed, "%s", c->nn.why.text);
    cuda_close(&c->nn);
    return rc;
}

const struct nn_plugin *nn_plugin(void)
{
    static const struct nn_plugin plugin = {NN_PLUGIN_VERSION, sizeof(struct nn_ops), "cuda",
                                            open_device};

    return &plugin;
}
