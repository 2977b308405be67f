/* host.c: memory, copies and failures of devices that compute in the host's memory. */
#include "cpu/host.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { ALIGN = 64, PAGE = 4096, LARGEST_PAGE = 64 << 10, LARGE_PAGE = 2 << 20 };

/* An op is done when it returns. */
void host_wait(struct nn *nn)
{
    (void)nn;
}

/* *buffer, of *size bytes, made at least `bytes` large; its content is lost. */
static void *grow(struct nn *nn, void **buffer, size_t *size, size_t bytes)
{
    if (bytes > *size) {
        free(*buffer);
        *size = 0;
        if (posix_memalign(buffer, ALIGN, bytes)) {
            *buffer = NULL;
            nn_fail(nn, RF_ENOMEM, "no memory for %zu bytes of scratch", bytes);
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

/* Packed matrices, and a panel of logits or what attention has by position of a head: two
 * numbers, and where a key counts once its chunk of each round. */
size_t host_scratch_bytes(const struct nn *nn, const struct attend_dims *attention, double rows,
                          size_t V)
{
    enum { PACKED_BYTES = 16 << 20 };
    const struct attend_dims *a = attention;
    double logits = fmin(rows, LOGITS_ROWS) * sizeof(float) * (double)V;
    size_t each = (2 + (a->duplicates ? 0 : a->R)) * sizeof(float);

    (void)nn;
    return (size_t)fmax(fmin(logits, LOGITS_BYTES),
                        (double)(a->H * each) * (double)(a->B * a->T)) +
           PACKED_BYTES;
}

/* Zeros already, but touched here, by all threads, so that no page is missing in a step. */
static void touch(char *p, size_t bytes, int threads)
{
#pragma omp parallel for num_threads(threads)
    for (size_t i = 0; i < bytes; i += PAGE)
        p[i] = 0;
}

/* Zeros. Large pages where the system has them: fewer misses where attention gathers rows. */
static void *map_large(size_t bytes)
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
    return all + before;
}

static size_t whole_pages(size_t bytes)
{
    return (bytes + LARGEST_PAGE - 1) / LARGEST_PAGE * LARGEST_PAGE;
}

void *host_mem_new(struct nn *nn, size_t bytes)
{
    void *p;

    if (bytes >= 2 * LARGE_PAGE) {
        p = map_large(whole_pages(bytes));
        if (p && !((struct host *)nn)->soon)
            touch(p, bytes, nn->threads);
        return p;
    }
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

void host_fill_uniform(struct nn *nn, float *y, float limit, struct rng r, size_t n)
{
    if (nn->failed)
        return;
#pragma omp parallel for num_threads(nn->threads) if (n > HOST_SERIAL)
    for (size_t i = 0; i < n; i++)
        y[i] = limit * (2 * rng_uniform(r, i) - 1);
}

void host_fill_positions(struct nn *nn, float *y, size_t T, size_t n)
{
    double *rate;

    if (nn->failed || !(rate = host_scratch(nn, (n / 2 + 1) * sizeof *rate)))
        return;
    for (size_t i = 0; i < n / 2; i++)
        rate[i] = pow(10000, -2 * (double)i / (double)n);
#pragma omp parallel for num_threads(nn->threads) if (T * n > HOST_SERIAL)
    for (size_t t = 0; t < T; t++)
        for (size_t i = 0; i < n / 2; i++) {
            y[t * n + i] = (float)sin((double)t * rate[i]);
            y[t * n + n / 2 + i] = (float)cos((double)t * rate[i]);
        }
}

/* --- what a step adds up to */

void host_add_losses(struct nn *nn, struct nn_sum *sum, const float *loss, const int32_t *hit,
                     size_t n)
{
    struct nn_sum of = {0, 0};

    if (nn->failed)
        return;
    for (size_t i = 0; i < n; i++) {
        of.loss += (double)loss[i];
        of.hits += hit[i];
    }
    sum->loss += of.loss;
    sum->hits += of.hits;
}

static bool is_finite(double x)
{
    return fabs(x) <= (double)FLT_MAX; /* false for NaN */
}

void host_step_scale(struct nn *nn, float *scale, const double *squares,
                     const struct nn_sum *sum, size_t n, double labels, double clip)
{
    double norm = sqrt(*squares) / labels, loss = 0;

    if (nn->failed)
        return;
    for (size_t i = 0; i < n; i++)
        loss += sum[i].loss;
    if (is_finite(norm) && is_finite(loss / labels))
        *scale = (float)((clip > 0 && norm > clip ? clip / norm : 1) / labels);
    else
        *scale = NAN;
}
