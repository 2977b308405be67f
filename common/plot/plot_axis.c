#include "plot/plot_axis.h"

#include <math.h>

enum { PARTS_FEWEST = 4, PARTS_MOST = 8 };

/* Find the axis of so many parts with the shortest step that holds low to high. Returns which
 * share of it they take. */
static double fit(struct axis *a, double low, double high, int parts)
{
    static const int steps[] = {1, 2, 5};
    int power = (int)floor(log10((high - low) / parts)) - 1;

    for (int k = 0;; k++) {
        int tens = power + k / 3;

        a->step = steps[k % 3] * pow(10, tens);
        a->from = floor(low / a->step) * a->step;
        if (a->from + (parts + 1e-9) * a->step >= high) /* but for rounding */
            return (high - low) / (parts * a->step);
    }
}

int two_axes(struct axis axes[2], const double low[2], const double high[2])
{
    double best = 0;
    int best_parts = 0;

    for (int parts = PARTS_FEWEST; parts <= PARTS_MOST; parts++) {
        struct axis tried[2];
        double used = 1;

        for (int i = 0; i < 2; i++) {
            double from = low[i] <= high[i] ? low[i] : 0, to = low[i] <= high[i] ? high[i] : 1;

            /* What hardly changes is not drawn as if it did. */
            used *= fit(&tried[i], from, fmax(to, from + fmax(0.01 * fabs(from), 1e-6)), parts);
        }
        if (used > best) {
            best = used;
            best_parts = parts;
            axes[0] = tried[0];
            axes[1] = tried[1];
        }
    }
    return best_parts;
}
