/*
 * Charts from numbers: sparklines of one row, and charts with a scale, the
 * thresholds as lines and changes as marks. Braille gives 2 x 4 dots in a
 * cell; with canvas->ascii the same data are drawn with ASCII steps.
 * NaN is a gap, never a zero.
 * thread: UI; pure.
 */
#ifndef SEV_PANELS_CHART_H
#define SEV_PANELS_CHART_H

#include <stddef.h>
#include <stdint.h>

#include "base/num.h"
#include "model/section.h"
#include "panels/canvas.h"

enum {
	CHART_POINTS_MAX = 512,
	CHART_MARKS_MAX = 32
};

/* What is drawn. Values lie on a common axis that ends now. */
struct chart {
	const double *values; /* oldest first */
	size_t count;	      /* at most CHART_POINTS_MAX */
	enum num_unit unit;
	struct text title;
	enum state state; /* colours the last value */
	double last;	  /* NaN: missing; shown in the title */
	struct threshold warn;
	struct threshold crit;
	int64_t span_ns;     /* of all values */
	const double *marks; /* places of changes, 0..1 on the axis */
	size_t mark_count;
};

/*
 * One row: dots of 2 values a cell in braille, one in ASCII. Scaled from 0
 * (or the lowest below it) to the highest.
 */
void chart_spark(struct canvas *canvas, struct rect area, int y, int x, int w,
    const double *values, size_t count, enum role role);

/* Title row, dots with a scale at the left, time axis below. */
void chart_draw(
    struct canvas *canvas, struct rect area, const struct chart *chart);

/* How many values chart_draw() can show in this area; at least 2. */
size_t chart_points(const struct canvas *canvas, struct rect area);

#endif
