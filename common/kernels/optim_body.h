/* optim_body.h: loops of the optimisers; part of loops_body.h. */
#ifndef KERNELS_OPTIM_BODY_H
#define KERNELS_OPTIM_BODY_H

#include <float.h>
#include <math.h>

#include "kernels/kernels.h"

static void adamw(float *w, float *m, float *v, const float *grad, const struct adamw_step *s,
                  size_t n)
{
    float f = *s->scale, b1 = 1 - s->beta1, b2 = 1 - s->beta2, eps = s->eps;
    float lr = s->lr / s->correct1, root = 1.0f / s->correct2, keep = 1 - s->lr * s->decay;

#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        float g = grad[i] * f;

        m[i] += b1 * (g - m[i]);
        v[i] += b2 * (g * g - v[i]);
        w[i] = keep * w[i] - lr * m[i] / (sqrtf(v[i] * root) + eps);
    }
}

static float squared_steps(const float *v, const float *grad, const struct adamw_step *s,
                           size_t n)
{
    float f = *s->scale, b2 = 1 - s->beta2, root = 1.0f / s->correct2, sum = 0;
    float least = s->eps * s->eps > FLT_MIN ? s->eps * s->eps : FLT_MIN; /* 0 / 0 is no 0 */

#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < n; i++) {
        float g = grad[i] * f, square = g * g, mean = (v[i] + b2 * (square - v[i])) * root;

        sum += square / (mean < least ? least : mean);
    }
    return sum;
}

static void lion(float *w, float *m, const float *grad, const struct lion_step *s, size_t n)
{
    float f = *s->scale, b1 = s->beta1, b2 = 1 - s->beta2, lr = s->lr;
    float keep = 1 - s->lr * s->decay;

#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        float g = grad[i] * f, c = b1 * m[i] + (1 - b1) * g;
        float sign = c > 0 ? 1.0f : c;

        sign = c < 0 ? -1.0f : sign;
        w[i] = keep * w[i] - lr * sign;
        m[i] += b2 * (g - m[i]);
    }
}

static void muon(float *y, float *m, const float *grad, const struct muon_step *s, size_t n)
{
    float f = *s->scale, part = 1 - s->momentum, of_grad = s->nesterov ? part : 0;

#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        float g = grad[i] * f;

        m[i] += part * (g - m[i]);
        y[i] = m[i] + of_grad * (g - m[i]);
    }
}

/* col[n] added to: (scale grad)^2 + eps of one row; the sum of those. */
static float add_squares(float *col, const float *grad, float scale, float eps, size_t n)
{
    float sum = 0;

#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < n; i++) {
        float g = grad[i] * scale, square = g * g + eps;

        col[i] += square;
        sum += square;
    }
    return sum;
}

/* The sum of (grad col)^2 of one row. */
static float scaled_squares(const float *grad, const float *col, size_t n)
{
    float sum = 0;

#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < n; i++) {
        float u = grad[i] * col[i];

        sum += u * u;
    }
    return sum;
}

/* w[n] = keep w - u, where u[n] = scale grad col, or the mean m of such; m may be NULL. */
static void factored_step(float *w, float *m, const float *grad, const float *col, float scale,
                          float beta1, float keep, size_t n)
{
    if (m) {
#pragma omp simd
        for (size_t i = 0; i < n; i++) {
            m[i] += (1 - beta1) * (scale * (grad[i] * col[i]) - m[i]);
            w[i] = keep * w[i] - m[i];
        }
    } else {
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            w[i] = keep * w[i] - scale * (grad[i] * col[i]);
    }
}

#endif
