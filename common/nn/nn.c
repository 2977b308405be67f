#include "nn/nn.h"

#include <stdarg.h>

#include "nn/host.h"

enum { ALIGN = 64 };

int nn_open(struct nn **nn, enum nn_kind kind, int threads, struct errbuf *eb)
{
    struct host *h;

    if (threads < 1)
        return err_set(eb, RF_EINVAL, "%d threads: at least 1 is needed", threads);
    h = calloc(1, sizeof *h);
    if (!h)
        return err_nomem(eb);
    h->table = ops_ref;
    if (kind == NN_CPU) {
        h->table.name = "cpu";
        h->table.gemm = cpu_gemm;
    }
    h->nn.ops = &h->table;
    h->nn.threads = threads;
    h->isa = "plain";
    *nn = &h->nn;
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
