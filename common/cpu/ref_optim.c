/* ref_optim.c: the reference of the optimisers. */
#include <assert.h>
#include <math.h>

#include "cpu/host.h"

void ref_mean_step(struct nn *nn, float *mean, float keep, float part, const float *w,
                   const float *scale, size_t n)
{
    if (nn->failed || isnan(*scale))
        return;
    for (size_t i = 0; i < n; i++)
        mean[i] = (float)((double)keep * (double)mean[i] + (double)part * (double)w[i]);
}

/* The root mean square of g / max(sqrt(v / correct2), eps), or 1 if that is more; v before the
 * step. A NaN comes through. */
static double clip_of(const float *v, const float *grad, const struct adamw_step *s, size_t n)
{
    double b2 = (double)s->beta2, least = (double)s->eps * (double)s->eps, sum = 0;

    for (size_t i = 0; i < n; i++) {
        double g = (double)grad[i] * (double)*s->scale;
        double mean = (b2 * (double)v[i] + (1 - b2) * g * g) / (double)s->correct2;

        sum += g * g / (mean < least ? least : mean);
    }
    sum = sqrt(sum / (double)n);
    return sum < 1 ? 1 : sum;
}

void ref_adamw(struct nn *nn, float *w, float *m, float *v, const float *grad,
               const struct adamw_step *s, size_t n)
{
    double b1 = (double)s->beta1, b2 = (double)s->beta2, lr;

    if (nn->failed || isnan(*s->scale))
        return;
    lr = (double)s->lr / (s->clip ? clip_of(v, grad, s, n) : 1);
    for (size_t i = 0; i < n; i++) {
        double g = (double)grad[i] * (double)*s->scale;
        double mi = b1 * (double)m[i] + (1 - b1) * g;
        double vi = b2 * (double)v[i] + (1 - b2) * g * g;
        double step =
            mi / (double)s->correct1 / (sqrt(vi / (double)s->correct2) + (double)s->eps);

        m[i] = (float)mi;
        v[i] = (float)vi;
        w[i] = (float)((double)w[i] - lr * (step + (double)s->decay * (double)w[i]));
    }
}

void ref_lion(struct nn *nn, float *w, float *m, const float *grad, const struct lion_step *s,
              size_t n)
{
    double b1 = (double)s->beta1, b2 = (double)s->beta2;

    if (nn->failed || isnan(*s->scale))
        return;
    for (size_t i = 0; i < n; i++) {
        double g = (double)grad[i] * (double)*s->scale;
        double c = b1 * (double)m[i] + (1 - b1) * g;
        double sign = c > 0 ? 1 : c < 0 ? -1 : c; /* a NaN stays one */

        w[i] = (float)((double)w[i] * (1 - (double)s->lr * (double)s->decay) -
                       (double)s->lr * sign);
        m[i] = (float)(b2 * (double)m[i] + (1 - b2) * g);
    }
}

void ref_muon(struct nn *nn, float *y, float *m, const float *grad, const struct muon_step *s,
              size_t n)
{
    double momentum = (double)s->momentum, length = 0;

    if (nn->failed || isnan(*s->scale))
        return;
    for (size_t i = 0; i < n; i++) {
        double g = (double)grad[i] * (double)*s->scale;
        double mi = momentum * (double)m[i] + (1 - momentum) * g;
        double yi = s->nesterov ? momentum * mi + (1 - momentum) * g : mi;

        m[i] = (float)mi;
        y[i] = (float)yi;
        length += yi * yi;
    }
    length = sqrt(length);
    length = length < (double)s->eps ? (double)s->eps : length;
    for (size_t i = 0; i < n; i++)
        y[i] = (float)((double)y[i] / length);
}

/* The root mean square of w, at least `least`; a NaN comes through. */
static double scale_of(const float *w, size_t n, double least)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += (double)w[i] * (double)w[i];
    sum = sqrt(sum / (double)n);
    return sum < least ? least : sum;
}

/* The squared gradient at [i,j] that the means stand for. */
static double expected_square(const float *row, double mean, const float *col, size_t i,
                              size_t j)
{
    return row ? (double)row[i] / mean * (double)col[j] : (double)col[j];
}

/* row and col move towards the means of squares; returns the mean of row. */
static double move_means(float *row, float *col, const float *grad,
                         const struct adafactor_step *s, size_t rows, size_t cols)
{
    double b = (double)s->beta2, mean = 0;

    for (size_t i = 0; i < (row ? rows + cols : cols); i++) {
        bool is_col = i < cols;
        size_t n = is_col ? rows : cols, at = is_col ? i : (i - cols) * cols;
        float *to = is_col ? col + i : row + i - cols;
        double sum = 0;

        for (size_t j = 0; j < n; j++, at += is_col ? cols : 1) {
            double g = (double)grad[at] * (double)*s->scale;

            sum += g * g + (double)s->eps1;
        }
        *to = (float)(b * (double)*to + (1 - b) * sum / (double)n);
        mean += is_col ? 0.0 : (double)*to / (double)rows;
    }
    return mean;
}

void ref_adafactor(struct nn *nn, float *w, float *row, float *col, float *m, const float *grad,
                   const struct adafactor_step *s, size_t rows, size_t cols)
{
    double lr = (double)s->lr, mean, square = 0, clip;
    size_t n = rows * cols;

    assert(rows > 0 && cols > 0);
    if (nn->failed || isnan(*s->scale))
        return;
    if (s->relative)
        lr *= scale_of(w, n, (double)s->eps2);
    mean = move_means(row, col, grad, s, rows, cols);
    for (size_t i = 0; i < n; i++) {
        double g = (double)grad[i] * (double)*s->scale;

        square += g * g / expected_square(row, mean, col, i / cols, i % cols);
    }
    clip = sqrt(square / (double)n) / (double)s->clip;
    clip = clip < 1 ? 1 : clip;
    for (size_t i = 0; i < n; i++) {
        double u = lr * (double)grad[i] * (double)*s->scale / clip /
                   sqrt(expected_square(row, mean, col, i / cols, i % cols));

        if (m)
            u = (double)s->beta1 * (double)m[i] + (1 - (double)s->beta1) * u;
        if (m)
            m[i] = (float)u;
        w[i] = (float)((double)w[i] * (1 - (double)s->decay * lr) - u);
    }
}
