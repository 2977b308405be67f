/*
 * optim.cu: the optimisers. Each kernel looks at scale[0] first, on the device: where that is
 * NaN it leaves all as it was.
 *
 * What needs a sum over a whole array first takes two launches or more: the blocks of one leave
 * a part each, in double, and those of the next all add the parts up, in the same order.
 */
#include <float.h>
#include <math.h>

#include "dense.h"

enum { WARPS = CUDA_THREADS / CUDA_WARP };
enum { PARTS_MAX = 1024 }; /* each block of the next kernel reads all */

/* Blocks of a kernel that leaves a part of a sum over n elements for each. */
static dim3 part_blocks(size_t n)
{
    dim3 grid = cuda_blocks(n);

    grid.x = grid.x < PARTS_MAX ? grid.x : (unsigned)PARTS_MAX;
    return grid;
}

/* The sum of part[n]; all threads of the block call it and get it. */
static __device__ double sum_parts(const double *part, size_t n)
{
    __shared__ double room[WARPS];
    double sum = 0;

    for (size_t i = threadIdx.x; i < n; i += blockDim.x)
        sum += part[i];
    return block_sum(sum, room);
}

/* This block's part is the sum of its threads' v. */
static __device__ void leave_part(double *part, double v)
{
    __shared__ double room[WARPS];
    double sum = block_sum(v, room);

    if (threadIdx.x == 0)
        part[blockIdx.x] = sum;
}

static __device__ __forceinline__ bool is_finite(double x)
{
    return fabs(x) <= (double)FLT_MAX; /* false for NaN */
}

/* One thread: a run has a sum for each of its batches, few. */
static __global__ void __launch_bounds__(CUDA_WARP)
    k_step_scale(float *scale, const double *squares, const struct nn_sum *sum, size_t n,
                 double labels, double clip)
{
    double norm = sqrt(*squares) / labels, loss = 0;

    if (threadIdx.x > 0)
        return;
    for (size_t i = 0; i < n; i++)
        loss += sum[i].loss;
    if (is_finite(norm) && is_finite(loss / labels))
        *scale = (float)((clip > 0 && norm > clip ? clip / norm : 1) / labels);
    else
        *scale = NAN;
}

void cuda_step_scale(struct nn *nn, float *scale, const double *squares,
                     const struct nn_sum *sum, size_t n, double labels, double clip)
{
    CUDA_LAUNCH(nn, k_step_scale, dim3(1), CUDA_WARP, 0, scale, squares, sum, n, labels, clip);
}

static __global__ void __launch_bounds__(CUDA_THREADS)
    k_mean_step(float *mean, float keep, float part, const float *w, const float *scale,
                size_t n)
{
    if (isnan(*scale))
        return;
    for (size_t i = thread_first(); i < n; i += thread_stride())
        mean[i] = keep * mean[i] + part * w[i];
}

void cuda_mean_step(struct nn *nn, float *mean, float keep, float part, const float *w,
                    const float *scale, size_t n)
{
    CUDA_LAUNCH(nn, k_mean_step, cuda_blocks(n), CUDA_THREADS, 0, mean, keep, part, w, scale,
                n);
}

/* --- AdamW */

/* Parts of the sum of squared steps, v before the step: what `clip` is about. The least mean is
 * no 0, since 0 / 0 is none. */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_adamw_squares(double *part, const float *v, const float *grad, struct adamw_step s,
                    size_t n)
{
    float f = *s.scale, b2 = 1 - s.beta2, root = 1 / s.correct2;
    float least = fmaxf(s.eps * s.eps, FLT_MIN);
    double sum = 0;

    if (isnan(f))
        return;
    for (size_t i = thread_first(); i < n; i += thread_stride()) {
        float g = grad[i] * f, square = g * g, mean = (v[i] + b2 * (square - v[i])) * root;

        sum += (double)(square / (mean < least ? least : mean));
    }
    leave_part(part, sum);
}

/* parts 0: the step is not clipped. */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_adamw(float *w, float *m, float *v, const float *grad, struct adamw_step s,
            const double *part, size_t parts, size_t n)
{
    float f = *s.scale, b1 = 1 - s.beta1, b2 = 1 - s.beta2, root = 1 / s.correct2, lr, keep;

    if (isnan(f))
        return;
    if (parts > 0) {
        double rms = sqrt(sum_parts(part, parts) / (double)n);

        s.lr = (float)((double)s.lr / (rms < 1 ? 1 : rms)); /* a NaN comes through */
    }
    lr = s.lr / s.correct1;
    keep = 1 - s.lr * s.decay;
    for (size_t i = thread_first(); i < n; i += thread_stride()) {
        float g = grad[i] * f;
        float mi = m[i] + b1 * (g - m[i]), vi = v[i] + b2 * (g * g - v[i]);

        m[i] = mi;
        v[i] = vi;
        w[i] = keep * w[i] - lr * mi / (sqrtf(vi * root) + s.eps);
    }
}

void cuda_adamw(struct nn *nn, float *w, float *m, float *v, const float *grad,
                const struct adamw_step *step, size_t n)
{
    dim3 grid = part_blocks(n);
    double *part = NULL;

    if (step->clip && n) {
        if (!(part = (double *)cuda_scratch(nn, grid.x * sizeof *part)))
            return;
        CUDA_LAUNCH(nn, k_adamw_squares, grid, CUDA_THREADS, 0, part, v, grad, *step, n);
    }
    CUDA_LAUNCH(nn, k_adamw, cuda_blocks(n), CUDA_THREADS, 0, w, m, v, grad, *step, part,
                step->clip ? (size_t)grid.x : 0, n);
}

/* --- Lion */

static __global__ void __launch_bounds__(CUDA_THREADS)
    k_lion(float *w, float *m, const float *grad, struct lion_step s, size_t n)
{
    float f = *s.scale, keep = 1 - s.lr * s.decay;

    if (isnan(f))
        return;
    for (size_t i = thread_first(); i < n; i += thread_stride()) {
        float g = grad[i] * f, mi = m[i], c = s.beta1 * mi + (1 - s.beta1) * g;
        float sign = c > 0 ? 1.0f : c < 0 ? -1.0f : c; /* a NaN stays one */

        w[i] = keep * w[i] - s.lr * sign;
        m[i] = mi + (1 - s.beta2) * (g - mi);
    }
}

void cuda_lion(struct nn *nn, float *w, float *m, const float *grad,
               const struct lion_step *step, size_t n)
{
    CUDA_LAUNCH(nn, k_lion, cuda_blocks(n), CUDA_THREADS, 0, w, m, grad, *step, n);
}

/* --- Muon */

/* The direction, and parts of its sum of squares. */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_muon_direction(double *part, float *y, float *m, const float *grad, struct muon_step s,
                     size_t n)
{
    float f = *s.scale, share = 1 - s.momentum, of_grad = s.nesterov ? share : 0;
    double sum = 0;

    if (isnan(f))
        return;
    for (size_t i = thread_first(); i < n; i += thread_stride()) {
        float g = grad[i] * f, mi = m[i] + share * (g - m[i]), yi = mi + of_grad * (g - mi);

        m[i] = mi;
        y[i] = yi;
        sum += (double)yi * (double)yi;
    }
    leave_part(part, sum);
}

static __global__ void __launch_bounds__(CUDA_THREADS)
    k_muon_length(float *y, const double *part, size_t parts, struct muon_step s, size_t n)
{
    double length;
    float by;

    if (isnan(*s.scale))
        return;
    length = sqrt(sum_parts(part, parts));
    by = (float)(1 / (length < (double)s.eps ? (double)s.eps : length));
    for (size_t i = thread_first(); i < n; i += thread_stride())
        y[i] *= by;
}

void cuda_muon(struct nn *nn, float *y, float *m, const float *grad,
               const struct muon_step *step, size_t n)
{
    dim3 grid = part_blocks(n);
    double *part = n ? (double *)cuda_scratch(nn, grid.x * sizeof *part) : NULL;

    if (!part)
        return;
    CUDA_LAUNCH(nn, k_muon_direction, grid, CUDA_THREADS, 0, part, y, m, grad, *step, n);
    CUDA_LAUNCH(nn, k_muon_length, cuda_blocks(n), CUDA_THREADS, 0, y, part, (size_t)grid.x,
                *step, n);
}

/* --- Adafactor */

/*
 * A matrix is cut into tiles, of TILE columns and p.step rows; a block has one, each of its
 * warps every WARPS-th row, and a lane COLUMNS columns, 32 apart. A tile leaves the sum of each
 * of its rows and columns, so that one pass over the gradient serves both means.
 */
enum { COLUMNS = 8, TILE = COLUMNS * CUDA_WARP, PANELS_MAX = 128 };

struct tiles {
    size_t rows, cols;
    size_t across;       /* tiles beside each other */
    size_t panels, step; /* tiles below each other; rows of one */
};

/* What one call needs, in scratch. */
struct factors {
    double *weight;  /* [tiles] parts of the sum of w squared */
    double *update;  /* [tiles] of the squared updates */
    double *mean;    /* parts of the sum of row, one a block of k_move_means */
    float *row_part; /* [across,rows] sums of squares */
    float *col_part; /* [panels,cols] */
};

static struct tiles cut(size_t rows, size_t cols)
{
    struct tiles t = {rows, cols, parts_of(cols, TILE), PANELS_MAX, WARPS};

    if (t.across * t.panels > PARTS_MAX)
        t.panels = t.across < PARTS_MAX ? PARTS_MAX / t.across : 1;
    if (parts_of(rows, t.panels) > t.step)
        t.step = parts_of(rows, t.panels);
    t.panels = parts_of(rows, t.step);
    return t;
}

/* Blocks of k_move_means, a thread for each mean. */
static size_t mean_blocks(size_t n)
{
    return parts_of(n, CUDA_THREADS);
}

static bool make_factors(struct nn *nn, struct factors *f, const struct tiles *t)
{
    size_t tiles = t->across * t->panels, blocks = mean_blocks(t->rows);
    size_t floats = t->across * t->rows + t->panels * t->cols;

    f->weight = (double *)cuda_scratch(nn, (2 * tiles + blocks) * sizeof(double) +
                                               floats * sizeof(float));
    if (!f->weight)
        return false;
    f->update = f->weight + tiles;
    f->mean = f->update + tiles;
    f->row_part = (float *)(f->mean + blocks);
    f->col_part = f->row_part + t->across * t->rows;
    return true;
}

/* Where the thread's first column is, and its warp's first row and the end of its rows. */
struct place {
    size_t column, row, end;
};

static __device__ __forceinline__ struct place my_place(const struct tiles &t)
{
    size_t first = blockIdx.x / t.across * t.step, end = first + t.step;
    struct place p = {blockIdx.x % t.across * TILE + threadIdx.x % CUDA_WARP,
                      first + threadIdx.x / CUDA_WARP, end < t.rows ? end : t.rows};

    return p;
}

/* Sums of squares by rows and columns; with `relative` those of w too. */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_square_sums(struct factors f, const float *w, const float *grad, struct adafactor_step s,
                  struct tiles t)
{
    __shared__ float part[WARPS][TILE];
    const struct place p = my_place(t);
    float scale = *s.scale, column[COLUMNS] = {};
    double of_w = 0;

    if (isnan(scale))
        return;
    for (size_t r = p.row; r < p.end; r += WARPS) {
        float sum = 0;

#pragma unroll
        for (int i = 0; i < COLUMNS; i++) {
            size_t c = p.column + (size_t)i * CUDA_WARP, at = r * t.cols + c;
            float g = c < t.cols ? grad[at] * scale : 0, square = g * g + s.eps1;

            column[i] += square;
            sum += c < t.cols ? square : 0;
            if (s.relative && c < t.cols)
                of_w += (double)w[at] * (double)w[at];
        }
        sum = warp_sum(sum);
        if (threadIdx.x % CUDA_WARP == 0)
            f.row_part[blockIdx.x % t.across * t.rows + r] = sum;
    }
#pragma unroll
    for (int i = 0; i < COLUMNS; i++)
        part[threadIdx.x / CUDA_WARP][threadIdx.x % CUDA_WARP + i * CUDA_WARP] = column[i];
    __syncthreads();
    for (size_t i = threadIdx.x, c = blockIdx.x % t.across * TILE + i; i < TILE && c < t.cols;
         i += blockDim.x, c += blockDim.x) {
        float sum = 0;

        for (int warp = 0; warp < WARPS; warp++)
            sum += part[warp][i];
        f.col_part[blockIdx.x / t.across * t.cols + c] = sum;
    }
    if (s.relative)
        leave_part(f.weight, of_w);
}

/* means[i] moves towards the mean of squares: the sum of part[count,n] at i, of so many. */
static __device__ float move_mean(float *means, const float *part, size_t count, size_t n,
                                  size_t i, float beta2, size_t many)
{
    float sum = 0;

    for (size_t k = 0; k < count; k++)
        sum += part[k * n + i];
    means[i] += (1 - beta2) * (sum / (float)many - means[i]);
    return means[i];
}

/* A thread for each of row and col: blocks of grid row 0 have row, and leave parts of its sum;
 * those of grid row 1 col. */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_move_means(struct factors f, float *row, float *col, struct adafactor_step s,
                 struct tiles t)
{
    size_t i = thread_first();
    double mean = 0;

    if (isnan(*s.scale))
        return;
    if (blockIdx.y == 1) {
        if (i < t.cols)
            move_mean(col, f.col_part, t.panels, t.cols, i, s.beta2, t.rows);
    } else if (row && (size_t)blockIdx.x * blockDim.x < t.rows) {
        if (i < t.rows)
            mean = (double)move_mean(row, f.row_part, t.across, t.rows, i, s.beta2, t.cols);
        leave_part(f.mean, mean);
    }
}

/* What a column's gradients are multiplied by, and a row's. */
static __device__ __forceinline__ void factors_of_columns(float by[COLUMNS], const float *col,
                                                          size_t column, size_t cols)
{
#pragma unroll
    for (int i = 0; i < COLUMNS; i++) {
        size_t c = column + (size_t)i * CUDA_WARP;

        by[i] = c < cols ? 1 / sqrtf(col[c]) : 0;
    }
}

static __device__ float mean_of_rows(const struct factors &f, const float *row, size_t rows)
{
    return row ? (float)(sum_parts(f.mean, (rows + CUDA_THREADS - 1) / CUDA_THREADS) /
                         (double)rows)
               : 1;
}

/* Parts of the sum of squared updates, before they are clipped. */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_update_squares(struct factors f, const float *row, const float *col, const float *grad,
                     struct adafactor_step s, struct tiles t)
{
    const struct place p = my_place(t);
    float scale = *s.scale, by[COLUMNS], mean;
    double all = 0;

    if (isnan(scale))
        return;
    mean = mean_of_rows(f, row, t.rows);
    factors_of_columns(by, col, p.column, t.cols);
    for (size_t r = p.row; r < p.end; r += WARPS) {
        float f_row = scale * (row ? sqrtf(mean / row[r]) : 1), sum = 0;

#pragma unroll
        for (int i = 0; i < COLUMNS; i++) {
            size_t c = p.column + (size_t)i * CUDA_WARP;
            float u = c < t.cols ? grad[r * t.cols + c] * by[i] : 0;

            sum += u * u;
        }
        all += (double)f_row * (double)f_row * (double)sum;
    }
    leave_part(f.update, all);
}

/* The rate times what clipping leaves; *lr becomes the rate itself. */
static __device__ double clipped_rate(const struct factors &f, const struct adafactor_step &s,
                                      const struct tiles &t, double *lr)
{
    double n = (double)t.rows * (double)t.cols, clip;

    if (s.relative) {
        double rms = sqrt(sum_parts(f.weight, t.across * t.panels) / n);

        *lr *= rms < (double)s.eps2 ? (double)s.eps2 : rms;
    }
    clip = sqrt(sum_parts(f.update, t.across * t.panels) / n) / (double)s.clip;
    return *lr / (clip < 1 ? 1 : clip);
}

static __global__ void __launch_bounds__(CUDA_THREADS)
    k_factored_step(struct factors f, float *w, const float *row, const float *col, float *m,
                    const float *grad, struct adafactor_step s, struct tiles t)
{
    const struct place p = my_place(t);
    float scale = *s.scale, by[COLUMNS], mean, keep;
    double lr = (double)s.lr, rate;

    if (isnan(scale))
        return;
    mean = mean_of_rows(f, row, t.rows);
    rate = clipped_rate(f, s, t, &lr) * (double)scale;
    keep = 1 - (float)lr * s.decay;
    factors_of_columns(by, col, p.column, t.cols);
    for (size_t r = p.row; r < p.end; r += WARPS) {
        float f_row = (float)(rate * (double)(row ? sqrtf(mean / row[r]) : 1));

#pragma unroll
        for (int i = 0; i < COLUMNS; i++) {
            size_t c = p.column + (size_t)i * CUDA_WARP, at = r * t.cols + c;
            float u;

            if (c >= t.cols)
                continue;
            u = f_row * (grad[at] * by[i]);
            if (m)
                m[at] = u = m[at] + (1 - s.beta1) * (u - m[at]);
            w[at] = keep * w[at] - u;
        }
    }
}

void cuda_adafactor(struct nn *nn, float *w, float *row, float *col, float *m,
                    const float *grad, const struct adafactor_step *step, size_t rows,
                    size_t cols)
{
    struct tiles t = cut(rows, cols);
    dim3 grid((unsigned)(t.across * t.panels));
    dim3 means((unsigned)mean_blocks(rows > cols ? rows : cols), 2);
    struct factors f;

    if (!make_factors(nn, &f, &t))
        return;
    CUDA_LAUNCH(nn, k_square_sums, grid, CUDA_THREADS, 0, f, w, grad, *step, t);
    CUDA_LAUNCH(nn, k_move_means, means, CUDA_THREADS, 0, f, row, col, *step, t);
    CUDA_LAUNCH(nn, k_update_squares, grid, CUDA_THREADS, 0, f, row, col, grad, *step, t);
    CUDA_LAUNCH(nn, k_factored_step, grid, CUDA_THREADS, 0, f, w, row, col, m, grad, *step, t);
}
