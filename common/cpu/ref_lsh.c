/* ref_lsh.c: hashing and sorting in plain loops with sums in double; part of ops_ref. */
#include <float.h>

#include "cpu/host.h"

/* The rotation of a factor's score k of a round: column r (n1 + n2) / 2 + k of rot[D,...]. */
struct factor {
    const float *rot; /* of the first score */
    size_t half, step;
};

/* The first largest of [v, -v]. */
static size_t best_of(const struct factor *f, const float *q, size_t D)
{
    double high = -DBL_MAX, low = DBL_MAX;
    size_t at_high = 0, at_low = 0;

    for (size_t k = 0; k < f->half; k++) {
        double v = 0;

        for (size_t d = 0; d < D; d++)
            v += (double)q[d] * (double)f->rot[d * f->step + k];
        if (v > high) {
            high = v;
            at_high = k;
        }
        if (v < low) {
            low = v;
            at_low = k;
        }
    }
    return high >= -low ? at_high : f->half + at_low;
}

/* One round of one head. */
static void hash_round(int32_t *bucket, const float *qk, const float *rot,
                       const struct hash_dims *s)
{
    size_t step = s->R * (s->n1 + s->n2) / 2;
    struct factor f1 = {rot, s->n1 / 2, step}, f2 = {rot + s->n1 / 2, s->n2 / 2, step};

    for (size_t t = 0; t < s->T; t++) {
        size_t b = best_of(&f1, qk + t * s->D, s->D);

        if (s->n2)
            b += s->n1 * best_of(&f2, qk + t * s->D, s->D);
        bucket[t] = (int32_t)b;
    }
}

void ref_lsh_hash(struct nn *nn, int32_t *bucket, const float *qk, const float *rot,
                  const struct hash_dims *s)
{
    if (nn->failed)
        return;
    for (size_t bh = 0; bh < s->B * s->H; bh++) {
        size_t b = bh / s->H, h = bh % s->H;
        const float *set = rot + hash_set(s, b, h) * hash_rotation(s);
        const float *q = qk + (b * s->heads + h) * s->T * s->D;

        for (size_t r = 0; r < s->R; r++)
            hash_round(bucket + (bh * s->R + r) * s->T, q, set + r * (s->n1 + s->n2) / 2, s);
    }
}

void ref_lsh_sort(struct nn *nn, int32_t *order, const int32_t *bucket, size_t rows, size_t T,
                  size_t N)
{
    if (nn->failed)
        return;
    for (size_t row = 0; row < rows; row++, bucket += T)
        for (size_t k = 0; k < N; k++)
            for (size_t t = 0; t < T; t++)
                if ((size_t)bucket[t] == k)
                    *order++ = (int32_t)t;
}
