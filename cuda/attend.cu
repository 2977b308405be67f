/* attend.cu: what attention does before its tiles: scratch, lengths of keys, where positions
 * stand on the line. */
#include "attend.h"

/* --- scratch */

/* The next array of n numbers; they come in the order in which card_pass_bytes() adds them up.
 */
static float *cut(char **scratch, size_t n)
{
    float *p = (float *)(void *)*scratch;

    *scratch += card_part(n * sizeof *p);
    return p;
}

static void cut_scratch(struct attend *a, char *p, bool backward, const struct attend_dims *s)
{
    size_t heads = card_attend_heads(s), T = heads * s->T,
           ints = attend_hashes(s) ? T * s->R : 0;
    size_t n = heads * card_slots(s);

    a->inv = cut(&p, T);
    a->go_o = cut(&p, T);
    a->place = (int32_t *)cut(&p, ints);
    a->start = (int32_t *)cut(&p, ints);
    if (!a->by_slot)
        return;
    a->to_q = cut(&p, n * s->D);
    if (backward)
        a->to_v = cut(&p, n * s->D);
    else
        a->to_stat = cut(&p, 2 * n);
}

static bool fits(struct nn *nn, const struct attend_dims *s)
{
    if (s->D > ATTEND_HEAD_MAX)
        nn_fail(nn, RF_EINVAL, "attention: heads of %zu numbers; the GPU takes %d at most",
                s->D, ATTEND_HEAD_MAX);
    else if (card_slots(s) + 4 * (s->back + 2) * s->C + TILE > INT32_MAX)
        nn_fail(nn, RF_EINVAL, "attention: %zu positions in %zu rounds are too many", s->T,
                s->R);
    return !nn->failed;
}

bool attend_begin(struct nn *nn, struct attend *a, bool backward, const struct attend_dims *s)
{
    char *scratch;

    if (nn->failed || !fits(nn, s) ||
        !(scratch =
              (char *)cuda_scratch(nn, card_pass_bytes(s, card_attend_heads(s), backward))))
        return false;
    a->asked = s->asked;
    a->draw = s->draw;
    a->dropout = s->dropout;
    a->first = 0;
    a->H = (unsigned)s->H;
    a->first_head = (unsigned)s->first_head;
    a->heads_of_all = (unsigned)s->heads;
    a->kind = s->kind;
    a->T = (int)s->T;
    a->D = (int)s->D;
    a->queries = (int)s->queries;
    a->R = attend_hashes(s) ? (int)s->R : 0;
    a->C = s->C ? (int)s->C : 1;
    a->back = (int)s->back;
    a->slots = (int)card_slots(s);
    a->causal = s->causal;
    a->across = s->across;
    a->duplicates = s->duplicates;
    a->by_slot = card_by_slot(s);
    a->wide =
        s->D % 4 == 0 && ((uintptr_t)a->qk | (uintptr_t)a->v | (uintptr_t)a->grad_o) % 16 == 0;
    cut_scratch(a, scratch, backward, s);
    return true;
}

/* --- before the tiles */

/* ALIGNED: the slot of a round in which the bucket of slot t begins: order[T] is sorted by
 * bucket[T], so it is looked for by halves. */
static __device__ int bucket_start(const int32_t *order, const int32_t *bucket, int t)
{
    int32_t own = bucket[order[t]];
    int low = 0, high = t;

    while (low < high) {
        int middle = low + (high - low) / 2;

        if (bucket[order[middle]] < own)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The sum over a warp of x[n] y[n]. */
static __device__ __forceinline__ float warp_dot(const float *x, const float *y, int n)
{
    float sum = 0;

    for (int d = threadIdx.x % CUDA_WARP; d < n; d += CUDA_WARP)
        sum += x[d] * y[d];
    return warp_sum(sum);
}

/* A warp takes a position: all lanes its sums, and each lane a round in which it stands in the
 * slot of this number. */
static __global__ void __launch_bounds__(ATTEND_THREADS)
    k_attend_prepare(struct attend all, unsigned heads)
{
    size_t first = thread_first() / CUDA_WARP, step = thread_stride() / CUDA_WARP;
    int lane = threadIdx.x % CUDA_WARP, T = all.T;

    for (size_t row = first; row < (size_t)heads * T; row += step) {
        struct attend a = head_of(all, (unsigned)(row / T));
        int t = (int)(row % T);
        const float *q = a.qk + (size_t)t * a.D;
        float length = sqrtf(warp_dot(q, q, a.D)), go_o = 0;

        length = length < 1e-12f ? 1e-12f : length; /* a NaN stays one */
        if (a.grad_o && asks(&a, t))
            go_o = warp_dot(a.grad_o + (size_t)t * a.D, a.o + (size_t)t * a.D, a.D);
        if (lane == 0) {
            a.inv[t] = 1 / (length * sqrtf((float)a.D));
            a.go_o[t] = go_o;
        }
        for (int r = lane; r < a.R; r += CUDA_WARP) {
            const int32_t *order = a.order + (size_t)r * T;

            a.place[(size_t)r * T + order[t]] = t;
            if (a.kind == ATTEND_ALIGNED)
                a.start[(size_t)r * T + t] = bucket_start(order, a.bucket + (size_t)r * T, t);
        }
    }
}

void attend_prepare(struct nn *nn, const struct attend *a, size_t heads)
{
    size_t n = heads * (size_t)a->T * CUDA_WARP;

    CUDA_LAUNCH(nn, k_attend_prepare, cuda_blocks(n), ATTEND_THREADS, 0, *a, (unsigned)heads);
}
