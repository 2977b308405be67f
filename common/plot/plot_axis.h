/* plot_axis.h: two axes at the sides of one picture. Private to this folder. */
#ifndef PLOT_PLOT_AXIS_H
#define PLOT_PLOT_AXIS_H

/** An axis: it begins at a multiple of `step`, which is 1, 2 or 5 times a power of ten. */
struct axis {
    double from, step;
};

/** Find two axes that hold low[i] to high[i] and have as many steps, so that one grid is that
 * of both. Returns how many. Where `low` is above `high` there is nothing to hold. */
int two_axes(struct axis axes[2], const double low[2], const double high[2]);

#endif
