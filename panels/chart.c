#include "panels/chart.h"

#include <math.h>
#include <string.h>

#include "base/textbuf.h"
#include "panels/box.h"

/* Width of the scale at the left of a chart. */
enum {
	CHART_SCALE_W = 8
};

struct range {
	double min, max;  /* of the values; NaN: there are none */
	double low, high; /* of the scale */
};

static struct range
range_of(const double *values, size_t count)
{
	struct range range = { NAN, NAN, 0, 1 };

	for (size_t i = 0; i < count; i++) {
		if (!isfinite(values[i]))
			continue;
		if (isnan(range.min) || values[i] < range.min)
			range.min = values[i];
		if (isnan(range.max) || values[i] > range.max)
			range.max = values[i];
	}
	if (isnan(range.min))
		return range;
	range.low = range.min < 0 ? range.min : 0;
	range.high = range.max > range.low ? range.max : range.low + 1;
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

/* Level 1..levels of a value on the scale; 0 for a gap. */
static int
level_of(double value, const struct range *range, int levels)
{
	double share;
	int level;

	if (!isfinite(value))
		return 0;
	share = (value - range->low) / (range->high - range->low);
	level = (int)(share * levels + 0.5);
	return level < 1 ? 1 : level > levels ? levels : level;
}

void
chart_spark(struct canvas *canvas, struct rect area, int y, int x, int w,
    const double *values, size_t count, enum role role)
{
	static const char steps[] = "_.-=+*#%@";
	struct range range = range_of(values, count);
	size_t per_cell = canvas->ascii ? 1 : 2;
	size_t shown = (size_t)(w > 0 ? w : 0) * per_cell;
	size_t skip = count > shown ? count - shown : 0;
	size_t lead = count < shown ? shown - count : 0;

	for (int cell = 0; cell < w; cell++) {
		unsigned dots = 0;
		char glyph[2] = " ";

		for (size_t i = 0; i < per_cell; i++) {
			size_t at = (size_t)cell * per_cell + i;
			int level;

			if (at < lead)
				continue;
			level = level_of(values[skip + at - lead], &range,
			    canvas->ascii ? 9 : 4);
			if (canvas->ascii && level > 0)
				glyph[0] = steps[level - 1];
			for (int row = 4 - level; level > 0 && row < 4; row++)
				dots |= dot((int)i, row < 0 ? 0 : row);
		}
		if (canvas->ascii)
			canvas_text(canvas, area, y, x + cell,
			    (struct text) { glyph, 1, 1 }, role, 0);
		else
			put_braille(canvas, area, y, x + cell, dots, role);
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
	tb_num(&last, chart->last, chart->unit);
	tb_init(&spread);
	if (!isnan(range->min)) {
		tb_lit(&spread, "min ");
		tb_num(&spread, range->min, chart->unit);
		tb_lit(&spread, "  max ");
		tb_num(&spread, range->max, chart->unit);
	} else {
		tb_lit(&spread, "no values yet");
	}
	w = area.w - (int)tb_end(&last).width - 2;
	if (w > (int)chart->title.width)
		w = (int)chart->title.width;
	x = canvas_text_cut(canvas, area, area.y, area.x, w, chart->title,
	    ROLE_TITLE, CELL_BOLD);
	x = canvas_text(canvas, area, area.y, x + 2, tb_end(&last),
	    isnan(chart->last) ? ROLE_UNKNOWN : state_role(chart->state),
	    CELL_BOLD);
	w = (int)tb_end(&spread).width;
	if (x + 2 + w <= area.x + area.w)
		canvas_text(canvas, area, area.y, area.x + area.w - w,
		    tb_end(&spread), ROLE_AXIS, 0);
}

/* A dashed line where a threshold lies, if it is on the scale. */
static void
chart_threshold(struct canvas *canvas, struct rect plot,
    const struct threshold *threshold, const struct range *range,
    enum role role)
{
	double share;
	int y;

	if (!threshold->set || plot.h <= 0)
		return;
	share = (threshold->value - range->low) / (range->high - range->low);
	if (!(share >= 0 && share <= 1))
		return;
	y = plot.y + plot.h - 1 - (int)(share * plot.h);
	if (y < plot.y)
		y = plot.y;
	for (int x = plot.x; x < plot.x + plot.w; x += 2)
		canvas_text(canvas, plot, y, x, TEXT("╌"), role, 0);
}

static void
chart_bars(struct canvas *canvas, struct rect plot, const struct chart *chart,
    const struct range *range)
{
	size_t per_cell = canvas->ascii ? 1 : 2;
	int rows = plot.h * (canvas->ascii ? 1 : 4);
	size_t shown = (size_t)plot.w * per_cell;
	size_t skip = chart->count > shown ? chart->count - shown : 0;
	size_t lead = chart->count < shown ? shown - chart->count : 0;

	for (int cell = 0; cell < plot.w; cell++) {
		int level[2] = { 0, 0 };

		for (size_t i = 0; i < per_cell; i++) {
			size_t at = (size_t)cell * per_cell + i;

			if (at >= lead)
				level[i] =
				    level_of(chart->values[skip + at - lead],
					range, rows);
		}
		for (int row = 0; row < plot.h; row++) {
			int y = plot.y + plot.h - 1 - row;
			unsigned dots = 0;

			if (canvas->ascii && level[0] > row) {
				canvas_text(canvas, plot, y, plot.x + cell,
				    level[0] == row + 1 ? TEXT("*") : TEXT("|"),
				    ROLE_CHART, 0);
				continue;
			}
			for (int i = 0; i < 2; i++) {
				for (int d = 0; d < 4; d++) {
					if (level[i] > row * 4 + d)
						dots |= dot(i, 3 - d);
				}
			}
			put_braille(
			    canvas, plot, y, plot.x + cell, dots, ROLE_CHART);
		}
	}
}

/* "-15m" at the left, "now" at the right, and a mark for each change. */
static void
chart_axis(struct canvas *canvas, struct rect area, struct rect plot,
    const struct chart *chart)
{
	struct rect row = { plot.y + plot.h, plot.x, 1, plot.w };
	struct text_buf tb;

	if (area.h < 3)
		return;
	canvas_fill(canvas, rect_clip(row, area), TEXT("─"), ROLE_RULE, 0);
	tb_init(&tb);
	tb_lit(&tb, "−");
	tb_duration(&tb, chart->span_ns);
	canvas_text(canvas, row, row.y, row.x, tb_end(&tb), ROLE_AXIS, 0);
	if (row.w > 16)
		canvas_text_right(canvas, row, row.y, row.x, row.w, TEXT("now"),
		    ROLE_AXIS, 0);
	for (size_t i = 0; i < chart->mark_count; i++) {
		int x = plot.x + (int)(chart->marks[i] * (plot.w - 1));

		if (!(chart->marks[i] >= 0 && chart->marks[i] <= 1))
			continue;
		canvas_text(
		    canvas, row, row.y, x, TEXT("↑"), ROLE_MARK, CELL_BOLD);
		for (int y = plot.y; y < row.y; y++) {
			const struct cell *cell = canvas_cell(canvas, y, x);

			if (cell != NULL && cell->glyph[0] == ' ')
				canvas_text(canvas, plot, y, x, TEXT("┊"),
				    ROLE_MARK, 0);
		}
	}
}

void
chart_draw(struct canvas *canvas, struct rect area, const struct chart *chart)
{
	struct range range = range_of(chart->values, chart->count);
	struct rect plot = chart_plot(area);

	if (area.h <= 0 || area.w <= 0)
		return;
	/* A threshold not far above belongs into the picture. */
	if (!isnan(range.max) && chart->crit.set &&
	    chart->crit.value > range.high &&
	    chart->crit.value < 2 * range.high)
		range.high = chart->crit.value * 1.05;
	chart_title(canvas, area, chart, &range);
	if (plot.x > area.x && plot.h > 0 && !isnan(range.max)) {
		chart_number(canvas, area, plot.y, range.high, chart->unit);
		if (plot.h > 3)
			chart_number(canvas, area, plot.y + plot.h / 2,
			    (range.low + range.high) / 2, chart->unit);
		if (plot.h > 1)
			chart_number(canvas, area, plot.y + plot.h - 1,
			    range.low, chart->unit);
	}
	chart_bars(canvas, plot, chart, &range);
	chart_threshold(canvas, plot, &chart->warn, &range, ROLE_WARN);
	chart_threshold(canvas, plot, &chart->crit, &range, ROLE_CRIT);
	chart_axis(canvas, area, plot, chart);
}
