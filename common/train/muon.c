#include "train/muon.h"

/* x goes to A x + (B g + C g g) x, where g is x x', so that a singular value s goes to
 * A s + B s^3 + C s^5. The coefficients are Jordan's: the steepest rise at 0 that five steps
 * can have and still end between about 0.7 and 1.2. */
static const float A = 3.4445F, B = -4.7750F, C = 2.0315F;

enum { ALIGN_FLOATS = 16 };

static size_t aligned(size_t floats)
{
    return (floats + ALIGN_FLOATS - 1) / ALIGN_FLOATS * ALIGN_FLOATS;
}

static size_t shorter(size_t rows, size_t cols)
{
    return rows < cols ? rows : cols;
}

size_t muon_work(size_t rows, size_t cols)
{
    size_t side = shorter(rows, cols);

    return 2 * aligned(rows * cols) + 2 * aligned(side * side);
}

/* y = one step on x[rows,cols]. The product with itself is that of the shorter side: where that
 * is the columns', x' x stands on x's right instead of x x' on its left. */
static void iterate(struct nn *nn, float *y, const float *x, float *gram, float *square,
                    size_t rows, size_t cols)
{
    const struct nn_ops *op = nn->ops;
    bool tall = rows > cols;
    size_t side = shorter(rows, cols), longer = tall ? rows : cols;

    op->gemm(nn, side, side, longer, x, tall, x, !tall, 0, gram);
    op->gemm(nn, side, side, side, gram, false, gram, false, 0, square);
    op->combine(nn, gram, B, gram, C, square, side * side);
    op->combine(nn, y, A, x, 0, NULL, rows * cols);
    if (tall)
        op->gemm(nn, rows, cols, side, x, false, gram, false, 1, y);
    else
        op->gemm(nn, rows, cols, side, gram, false, x, false, 1, y);
}

void muon_update(struct nn *nn, float *w, float *m, const float *grad, const struct muon *how,
                 float keep, float rate, size_t rows, size_t cols, float *work)
{
    size_t n = rows * cols, side = shorter(rows, cols);
    float *x = work, *y = x + aligned(n), *gram = y + aligned(n);

    nn->ops->muon(nn, x, m, grad, &how->step, n);
    for (size_t i = 0; i < how->ns_steps; i++) {
        float *from = x;

        iterate(nn, y, from, gram, gram + aligned(side * side), rows, cols);
        x = y;
        y = from;
    }
    nn->ops->mean_step(nn, w, keep, -rate, x, how->step.scale, n);
}
