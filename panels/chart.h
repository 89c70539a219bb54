/*
 * Charts from numbers: sparklines of one row, and charts with a scale, the
 * thresholds as dashed lines and changes as marks. A thin line keeps a calm
 * screen calm. Braille gives 2 x 4 dots in a cell; with canvas->ascii the
 * same data are drawn with ASCII characters.
 *
 * NaN is a gap, never a zero; only gaps shorter than CHART_BRIDGE_S are
 * crossed, since a source that is asked every 15 s is not missing between.
 * The scale starts at 0, or at the lowest below it, and ends at a round
 * number. A threshold that is not far away is part of it, so that a quiet
 * value lies low.
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
	CHART_MARKS_MAX = 32,
	CHART_BRIDGE_S = 20,
};

/* What is drawn. Values lie on a common axis that ends now. */
struct chart {
	const double *values; /* oldest first */
	size_t count;	      /* at most CHART_POINTS_MAX */
	enum num_unit unit;
	struct text title;
	double last;	  /* shown in the title; NaN: missing */
	struct text word; /* instead of last; empty: the number */
	enum role role;	  /* of the last value */
	struct threshold warn;
	struct threshold crit;
	double reach;	     /* the scale goes at least so far; 0: as it is */
	int64_t span_ns;     /* of all values */
	const double *marks; /* places of changes, 0..1 on the axis */
	size_t mark_count;
};

/*
 * One row of w cells at (y, x): the line of a chart on its own scale, without
 * titles. 2 values a cell in braille, one in ASCII: see chart_spark_points().
 */
void chart_spark(struct canvas *canvas, struct rect area, int y, int x, int w,
    const struct chart *chart, enum role role);
size_t chart_spark_points(const struct canvas *canvas, int w);

/* Title row, dots with a scale at the left, time axis below. */
void chart_draw(
    struct canvas *canvas, struct rect area, const struct chart *chart);

/* How many values chart_draw() can show in this area; at least 2. */
size_t chart_points(const struct canvas *canvas, struct rect area);

#endif
