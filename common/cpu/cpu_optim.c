/* cpu_optim.c: the optimisers on NN_CPU. */
#include <math.h>

#include "cpu/blocks.h"

/* Room for a number of each block of n elements; NULL: the device has failed. */
static double *block_parts(struct nn *nn, size_t n)
{
    return nn->failed ? NULL : host_scratch(nn, (parts(n, BLOCK) + 1) * sizeof(double));
}

static double sum_parts(const double *part, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < parts(n, BLOCK); i++)
        sum += part[i];
    return sum;
}

void cpu_add_squares(struct nn *nn, double *to, const float *x, size_t n)
{
    const struct loop_kernels *k = loops(nn);
    double *part = block_parts(nn, n);

    if (!part)
        return;
#pragma omp parallel for num_threads(nn->threads) if (n > HOST_SERIAL)
    for (size_t i = 0; i < n; i += BLOCK)
        part[i / BLOCK] = k->dot(x + i, x + i, smaller(BLOCK, n - i));
    *to += sum_parts(part, n);
}

void cpu_mean_step(struct nn *nn, float *mean, float keep, float part, const float *w,
                   const float *scale, size_t n)
{
    const struct loop_kernels *k = loops(nn);

    if (nn->failed || isnan(*scale))
        return;
#pragma omp parallel for num_threads(nn->threads) if (n > HOST_SERIAL)
    for (size_t i = 0; i < n; i += BLOCK)
        k->combine(mean + i, keep, mean + i, part, w + i, smaller(BLOCK, n - i));
}

/* lr becomes what `clip` leaves of it; a NaN comes through. */
static void clip_step(struct nn *nn, struct adamw_step *s, const float *v, const float *grad,
                      size_t n)
{
    const struct loop_kernels *k = loops(nn);
    double *part = block_parts(nn, n), rms;

    if (!part)
        return;
#pragma omp parallel for num_threads(nn->threads) if (n > HOST_SERIAL)
    for (size_t i = 0; i < n; i += BLOCK)
        part[i / BLOCK] = (double)k->squared_steps(v + i, grad + i, s, smaller(BLOCK, n - i));
    rms = sqrt(sum_parts(part, n) / (double)n);
    s->lr = (float)((double)s->lr / (rms < 1 ? 1 : rms));
}

void cpu_adamw(struct nn *nn, float *w, float *m, float *v, const float *grad,
               const struct adamw_step *step, size_t n)
{
    const struct loop_kernels *k = loops(nn);
    struct adamw_step s = *step;

    if (nn->failed || isnan(*s.scale))
        return;
    if (s.clip)
        clip_step(nn, &s, v, grad, n);
    if (nn->failed)
        return;
#pragma omp parallel for num_threads(nn->threads) if (n > HOST_SERIAL)
    for (size_t i = 0; i < n; i += BLOCK)
        k->adamw(w + i, m + i, v + i, grad + i, &s, smaller(BLOCK, n - i));
}

void cpu_lion(struct nn *nn, float *w, float *m, const float *grad,
              const struct lion_step *step, size_t n)
{
    const struct loop_kernels *k = loops(nn);

    if (nn->failed || isnan(*step->scale))
        return;
#pragma omp parallel for num_threads(nn->threads) if (n > HOST_SERIAL)
    for (size_t i = 0; i < n; i += BLOCK)
        k->lion(w + i, m + i, grad + i, step, smaller(BLOCK, n - i));
}

void cpu_muon(struct nn *nn, float *y, float *m, const float *grad,
              const struct muon_step *step, size_t n)
{
    const struct loop_kernels *k = loops(nn);
    double *part, length;
    float by;

    if (nn->failed || isnan(*step->scale) || !(part = block_parts(nn, n)))
        return;
#pragma omp parallel for num_threads(nn->threads) if (n > HOST_SERIAL)
    for (size_t i = 0; i < n; i += BLOCK) {
        k->muon(y + i, m + i, grad + i, step, smaller(BLOCK, n - i));
        part[i / BLOCK] = k->dot(y + i, y + i, smaller(BLOCK, n - i));
    }
    length = sqrt(sum_parts(part, n));
    by = (float)(1 / (length < (double)step->eps ? (double)step->eps : length));
#pragma omp parallel for num_threads(nn->threads) if (n > HOST_SERIAL)
    for (size_t i = 0; i < n; i += BLOCK)
        k->combine(y + i, by, y + i, 0, NULL, smaller(BLOCK, n - i));
}

/* What one call of adafactor needs; arrays of the scratch. */
struct factors {
    double *row_sum; /* [rows] of a row's squares, then of its squared updates */
    float *col_part; /* [panels,cols] sums of squares */
    float *by_row;   /* [rows] 1 / sqrt(row / its mean) */
    float *by_col;   /* [cols] 1 / sqrt(col) */
    struct panels p;
};

static bool make_factors(struct nn *nn, struct factors *f, size_t rows, size_t cols)
{
    struct panels *p = &f->p;
    float *base;

    /* the panels' own scratch, with room for the other arrays behind */
    p->step = parts(rows, PANELS);
    p->count = parts(rows, p->step);
    base =
        nn->failed ? NULL : host_scratch(nn, (3 * rows + (p->count + 1) * cols) * sizeof *base);
    if (!base)
        return false;
    f->row_sum = (double *)(void *)base;
    f->by_row = base + 2 * rows;
    f->by_col = f->by_row + rows;
    f->col_part = p->part = f->by_col + cols;
    return true;
}

/* row and col move towards the means of squares, and their factors are made. */
static void move_means(struct nn *nn, const struct factors *f, float *row, float *col,
                       const float *grad, const struct adafactor_step *s, size_t rows,
                       size_t cols)
{
    const struct loop_kernels *k = loops(nn);
    const struct panels *p = &f->p;
    float b = 1 - s->beta2, mean;
    double sum = 0;

#pragma omp parallel num_threads(nn->threads) if (rows * cols > HOST_SERIAL)
    {
#pragma omp for schedule(static)
        for (size_t i = 0; i < p->count; i++) {
            float *part = p->part + i * cols;

            memset(part, 0, cols * sizeof *part);
            for (size_t r = i * p->step; r < smaller((i + 1) * p->step, rows); r++)
                f->row_sum[r] =
                    (double)k->add_squares(part, grad + r * cols, *s->scale, s->eps1, cols);
        }
#pragma omp for schedule(static)
        for (size_t j = 0; j < cols; j += COLUMNS) {
            size_t n = smaller(COLUMNS, cols - j);

            memset(f->by_col + j, 0, n * sizeof *f->by_col);
            k->sum_rows(f->by_col + j, p->part + j, p->count, n, cols);
            for (size_t c = j; c < j + n; c++) {
                col[c] += b * (f->by_col[c] / (float)rows - col[c]);
                f->by_col[c] = 1.0F / sqrtf(col[c]);
            }
        }
    }
    if (!row) {
        f->by_row[0] = 1;
        return;
    }
    for (size_t r = 0; r < rows; r++) {
        row[r] += b * ((float)(f->row_sum[r] / (double)cols) - row[r]);
        sum += (double)row[r];
    }
    mean = (float)(sum / (double)rows);
    for (size_t r = 0; r < rows; r++)
        f->by_row[r] = sqrtf(mean / row[r]);
}

void cpu_adafactor(struct nn *nn, float *w, float *row, float *col, float *m, const float *grad,
                   const struct adafactor_step *s, size_t rows, size_t cols)
{
    const struct loop_kernels *k = loops(nn);
    size_t n = rows * cols;
    double lr = (double)s->lr, sum = 0, clip;
    struct factors f;

    if (nn->failed || isnan(*s->scale))
        return;
    if (s->relative) {
        double rms, squares = 0;

        cpu_add_squares(nn, &squares, w, n);
        rms = sqrt(squares / (double)n);
        lr *= rms < (double)s->eps2 ? (double)s->eps2 : rms;
    }
    if (!make_factors(nn, &f, rows, cols))
        return;
    move_means(nn, &f, row, col, grad, s, rows, cols);
#pragma omp parallel for num_threads(nn->threads) if (n > HOST_SERIAL)
    for (size_t r = 0; r < rows; r++) {
        double by = (double)*s->scale * (double)f.by_row[r];

        f.row_sum[r] = by * by * (double)k->scaled_squares(grad + r * cols, f.by_col, cols);
    }
    for (size_t r = 0; r < rows; r++)
        sum += f.row_sum[r];
    clip = sqrt(sum / (double)n) / (double)s->clip;
    clip = clip < 1 ? 1 : clip;
#pragma omp parallel for num_threads(nn->threads) if (n > HOST_SERIAL)
    for (size_t r = 0; r < rows; r++)
        k->factored_step(w + r * cols, m ? m + r * cols : NULL, grad + r * cols, f.by_col,
                         (float)(lr / clip * (double)*s->scale * (double)f.by_row[r]), s->beta1,
                         1 - (float)lr * s->decay, cols);
}
