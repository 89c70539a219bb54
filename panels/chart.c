#include "panels/chart.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/textbuf.h"
#include "panels/pick.h"

/* Width of the scale at the left of a chart. */
enum {
	CHART_SCALE_W = 8
};

struct range {
	double min, max;  /* of the values; NaN: there are none */
	double low, high; /* of the scale */
};

/* The next round number, so that the scale can be read. */
static double
round_up(double value)
{
	static const double steps[] = { 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10 };
	double power = pow(10, floor(log10(value)));

	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		if (value <= steps[i] * power * (1 + 1e-9))
			return steps[i] * power;
	}
	return value;
}

/* As above, in minutes or hours where times are read in them. */
static double
round_up_of(double value, enum num_unit unit)
{
	double of = unit != NUM_SECONDS || value < 60 ? 1
		    : value < 3600		      ? 60
						      : 3600;

	return round_up(value / of) * of;
}

/* A threshold above that is near enough for its distance to say something. */
static void
range_reach(struct range *range, const struct threshold *threshold)
{
	double top = threshold->value * 1.1;

	if (threshold->set && isfinite(top) && top > range->high &&
	    (range->max <= 0 || threshold->value < 100 * range->max))
		range->high = top;
}

static struct range
range_of(const struct chart *chart)
{
	struct range range = { NAN, NAN, 0, 1 };

	for (size_t i = 0; i < chart->count; i++) {
		double value = chart->values[i];

		if (!isfinite(value))
			continue;
		if (isnan(range.min) || value < range.min)
			range.min = value;
		if (isnan(range.max) || value > range.max)
			range.max = value;
	}
	if (isnan(range.min))
		return range;
	range.low = range.min < 0 ? range.min : 0;
	range.high = fmax(range.max, isfinite(chart->reach) ? chart->reach : 0);
	range_reach(&range, &chart->warn);
	if (range.max > 0 && chart->crit.value < 2 * range.high)
		range_reach(&range, &chart->crit);
	if (range.high > 0 && chart->unit == NUM_PERCENT && range.high <= 1)
		range.high = fmin(round_up(range.high), 1);
	else if (range.high > 0)
		range.high = round_up_of(range.high, chart->unit);
	if (range.high <= range.low)
		range.high = range.low + 1;
	return range;
}

/* A braille cell from its eight dots (ISO 11548-1: bits by column, row). */
static void
put_braille(struct canvas *canvas, struct rect area, int y, int x,
    unsigned dots, enum role role)
{
	char utf8[4] = { (char)0xe2, (char)(0xa0 + (dots >> 6)),
		(char)(0x80 + (dots & 0x3f)), '\0' };
	struct text text = { utf8, 3, 1 };

	if (dots != 0)
		canvas_text(canvas, area, y, x, text, role, 0);
}

/* Bit of the dot in column 0..1 and row 0..3 from above. */
static unsigned
dot(int column, int row)
{
	static const unsigned char bits[2][4] = {
		{ 0x01, 0x02, 0x04, 0x40 },
		{ 0x08, 0x10, 0x20, 0x80 },
	};

	return bits[column][row];
}

/* Row of dots, from 0 at the bottom, for a value on the scale. */
static int
level_of(double value, const struct range *range, int levels)
{
	/* Halves, so that the widest range is still finite. */
	double share =
	    (value / 2 - range->low / 2) / (range->high / 2 - range->low / 2);
	int level = (int)(share * (levels - 1) + 0.5);

	return level < 0 ? 0 : level >= levels ? levels - 1 : level;
}

/*
 * Dots of a chart, one column for each value: from..to of each, from < 0 for
 * an empty one. The line goes up and down in the column of the newer value.
 */
struct line {
	int16_t from[CHART_POINTS_MAX];
	int16_t to[CHART_POINTS_MAX];
	size_t count;
};

/* Draws straight over a short gap between two values. */
static void
line_bridge(struct line *line, size_t from, size_t to)
{
	int start = line->to[from], rise = line->from[to] - start;
	int n = (int)(to - from);

	for (int i = 1; i < n; i++)
		line->from[from + (size_t)i] = line->to[from + (size_t)i] =
		    (int16_t)(start + rise * i / n);
}

static void
line_make(struct line *line, const struct chart *chart,
    const struct range *range, int levels, size_t columns)
{
	size_t count = chart->count < columns ? chart->count : columns;
	const double *values = chart->values + (chart->count - count);
	size_t lead = columns - count, last = SIZE_MAX, bridge = 0;

	if (chart->span_ns > 0 && columns > 0)
		bridge = (size_t)(CHART_BRIDGE_S * NS_PER_SEC *
				  (int64_t)columns / chart->span_ns);
	line->count = columns;
	for (size_t i = 0; i < columns; i++) {
		int level;

		line->from[i] = line->to[i] = -1;
		if (i < lead || !isfinite(values[i - lead]))
			continue;
		level = level_of(values[i - lead], range, levels);
		line->from[i] = line->to[i] = (int16_t)level;
		if (last != SIZE_MAX && i - last <= bridge + 1)
			line_bridge(line, last, i);
		last = i;
	}
	/* Joins what lies next to each other. */
	for (size_t i = columns; i-- > 1;) {
		int before = line->to[i - 1], here = line->to[i];

		if (before >= 0 && here >= 0 && before != here)
			line->from[i] =
			    (int16_t)(before + (before < here ? 1 : -1));
	}
}

/* Whether the line covers this row of dots in that column. */
static bool
line_has(const struct line *line, size_t column, int level)
{
	int a = line->from[column], b = line->to[column];

	return a >= 0 && level >= (a < b ? a : b) && level <= (a < b ? b : a);
}

static void
line_draw_braille(const struct line *line, struct canvas *canvas,
    struct rect plot, enum role role)
{
	for (int row = 0; row < plot.h; row++) {
		for (int cell = 0; cell < plot.w; cell++) {
			unsigned dots = 0;

			for (int i = 0; i < 8; i++) {
				size_t column = (size_t)cell * 2 + i % 2;

				if (column < line->count &&
				    line_has(line, column,
					(plot.h - row) * 4 - 1 - i / 2))
					dots |= dot(i % 2, i / 2);
			}
			put_braille(canvas, plot, plot.y + row, plot.x + cell,
			    dots, role);
		}
	}
}

static void
line_draw_ascii(const struct line *line, struct canvas *canvas,
    struct rect plot, enum role role)
{
	for (int row = 0; row < plot.h; row++) {
		int level = plot.h - 1 - row;

		for (size_t i = 0; i < line->count; i++) {
			if (line_has(line, i, level))
				canvas_text(canvas, plot, plot.y + row,
				    plot.x + (int)i,
				    level == line->to[i] ? TEXT("*")
							 : TEXT("|"),
				    role, 0);
		}
	}
}

size_t
chart_spark_points(const struct canvas *canvas, int w)
{
	size_t points = (size_t)(w > 0 ? w : 0) * (canvas->ascii ? 1 : 2);

	return points < CHART_POINTS_MAX ? points : CHART_POINTS_MAX;
}

void
chart_spark(struct canvas *canvas, struct rect area, int y, int x, int w,
    const struct chart *chart, enum role role)
{
	static const char steps[] = "_.-=+*#%@";
	struct rect plot = rect_clip(area, (struct rect) { y, x, 1, w });
	struct range range = range_of(chart);
	struct line line;

	if (plot.h <= 0 || isnan(range.min))
		return;
	line_make(&line, chart, &range, canvas->ascii ? 9 : 4,
	    chart_spark_points(canvas, plot.w));
	if (!canvas->ascii) {
		line_draw_braille(&line, canvas, plot, role);
		return;
	}
	for (size_t i = 0; i < line.count; i++) {
		if (line.to[i] >= 0)
			canvas_text(canvas, plot, y, plot.x + (int)i,
			    (struct text) { &steps[line.to[i]], 1, 1 }, role,
			    0);
	}
}

/* The part of a chart in which dots are drawn. */
static struct rect
chart_plot(struct rect area)
{
	struct rect plot = area;

	plot.y += 1;
	plot.h -= 2;
	if (area.w > 3 * CHART_SCALE_W) {
		plot.x += CHART_SCALE_W;
		plot.w -= CHART_SCALE_W;
	}
	if (plot.h < 0)
		plot.h = 0;
	return plot;
}

size_t
chart_points(const struct canvas *canvas, struct rect area)
{
	int w = chart_plot(area).w * (canvas->ascii ? 1 : 2);

	if (w < 2)
		w = 2;
	return w > CHART_POINTS_MAX ? CHART_POINTS_MAX : (size_t)w;
}

static void
chart_number(struct canvas *canvas, struct rect area, int y, double value,
    enum num_unit unit)
{
	struct text_buf tb;

	tb_init(&tb);
	if (unit == NUM_SECONDS && value >= 60)
		put_span(&tb, (int64_t)(fmin(value, 1e9) * 1e9));
	else
		tb_num(&tb, value, unit);
	canvas_text_right(canvas, area, y, area.x, CHART_SCALE_W - 1,
	    tb_end(&tb), ROLE_AXIS, 0);
}

/* Title, last value, and the range that the values had. */
static void
chart_title(struct canvas *canvas, struct rect area, const struct chart *chart,
    const struct range *range)
{
	struct text_buf last, spread;
	int x, w;

	tb_init(&last);
	if (chart->word.len > 0)
		tb_text(&last, chart->word);
	else
		tb_num(&last, chart->last, chart->unit);
	tb_init(&spread);
	if (!isnan(range->min)) {
		tb_lit(&spread, "min ");
		tb_num(&spread, range->min, chart->unit);
		tb_lit(&spread, "  max ");
		tb_num(&spread, range->max, chart->unit);
	} else {
		tb_lit(&spread, "no values");
	}
	w = area.w - (int)tb_end(&last).width - 2;
	if (w > (int)chart->title.width)
		w = (int)chart->title.width;
	x = canvas_text_cut(canvas, area, area.y, area.x, w, chart->title,
	    ROLE_TITLE, CELL_BOLD);
	x = canvas_text(
	    canvas, area, area.y, x + 2, tb_end(&last), chart->role, CELL_BOLD);
	w = (int)tb_end(&spread).width;
	if (x + 2 + w <= area.x + area.w)
		canvas_text(canvas, area, area.y, area.x + area.w - w,
		    tb_end(&spread), ROLE_AXIS, 0);
}

/* Row of the plot where a threshold lies; -1: not on the scale. */
static int
limit_row(const struct threshold *threshold, const struct range *range,
    struct rect plot)
{
	if (!threshold->set || plot.h <= 0 || isnan(range->max) ||
	    !(threshold->value >= range->low &&
		threshold->value <= range->high))
		return -1;
	return plot.y + plot.h - 1 -
	       level_of(threshold->value, range, plot.h * 4) / 4;
}

static void
limit_draw(struct canvas *canvas, struct rect plot, int y, int step)
{
	for (int x = plot.x; y >= 0 && x < plot.x + plot.w; x += step)
		canvas_text(canvas, plot, y, x, TEXT("╌"), ROLE_LIMIT, 0);
}

/* Thresholds as dashed lines; the critical one is denser. */
static void
chart_limits(struct canvas *canvas, struct rect plot, const struct chart *chart,
    const struct range *range)
{
	int warn = limit_row(&chart->warn, range, plot);
	int crit = limit_row(&chart->crit, range, plot);

	if (warn != crit)
		limit_draw(canvas, plot, warn, 4);
	limit_draw(canvas, plot, crit, 2);
}

static void
chart_line(struct canvas *canvas, struct rect plot, const struct chart *chart,
    const struct range *range)
{
	struct line line;

	if (plot.h <= 0 || plot.w <= 0 || isnan(range->min))
		return;
	line_make(&line, chart, range, plot.h * (canvas->ascii ? 1 : 4),
	    chart_spark_points(canvas, plot.w));
	if (canvas->ascii)
		line_draw_ascii(&line, canvas, plot, ROLE_CHART);
	else
		line_draw_braille(&line, canvas, plot, ROLE_CHART);
}

/* A mark on the axis, and a dotted line up from it where nothing is. */
static void
chart_mark(struct canvas *canvas, struct rect plot, int x)
{
	int bottom = plot.y + plot.h;

	canvas_text(canvas, (struct rect) { bottom, plot.x, 1, plot.w }, bottom,
	    x, TEXT("↑"), ROLE_MARK, CELL_BOLD);
	for (int y = plot.y; y < bottom; y++) {
		const struct cell *cell = canvas_cell(canvas, y, x);

		if (cell != NULL && cell->glyph[0] == ' ')
			canvas_text(
			    canvas, plot, y, x, TEXT("┊"), ROLE_MARK, 0);
	}
}

/*
 * "−15m" at the left, "now" at the right, and a mark for each change, which
 * is more important than both.
 */
static void
chart_axis(struct canvas *canvas, struct rect area, struct rect plot,
    const struct chart *chart)
{
	struct rect row = { plot.y + plot.h, plot.x, 1, plot.w };
	bool left = true, right = row.w > 16;
	struct text_buf tb;

	if (area.h < 3)
		return;
	canvas_fill(canvas, rect_clip(row, area), TEXT("─"), ROLE_RULE, 0);
	tb_init(&tb);
	tb_lit(&tb, "−");
	put_span(&tb, chart->span_ns);
	for (size_t i = 0; i < chart->mark_count; i++) {
		int at;

		if (!(chart->marks[i] >= 0 && chart->marks[i] <= 1))
			continue;
		at = (int)(chart->marks[i] * (plot.w - 1));
		chart_mark(canvas, plot, plot.x + at);
		left = left && at >= (int)tb.width;
		right = right && at < row.w - 3;
	}
	if (left)
		canvas_text(
		    canvas, row, row.y, row.x, tb_end(&tb), ROLE_AXIS, 0);
	if (right)
		canvas_text_right(canvas, row, row.y, row.x, row.w, TEXT("now"),
		    ROLE_AXIS, 0);
}

void
chart_draw(struct canvas *canvas, struct rect area, const struct chart *chart)
{
	struct range range = range_of(chart);
	struct rect plot = chart_plot(area);

	if (area.h <= 0 || area.w <= 0)
		return;
	chart_title(canvas, area, chart, &range);
	if (plot.x > area.x && plot.h > 0 && !isnan(range.max)) {
		chart_number(canvas, area, plot.y, range.high, chart->unit);
		if (plot.h > 4 && plot.h % 2 == 1)
			chart_number(canvas, area, plot.y + plot.h / 2,
			    range.low / 2 + range.high / 2, chart->unit);
		if (plot.h > 1)
			chart_number(canvas, area, plot.y + plot.h - 1,
			    range.low, chart->unit);
	}
	chart_limits(canvas, plot, chart, &range);
	chart_line(canvas, plot, chart, &range);
	chart_axis(canvas, area, plot, chart);
}
