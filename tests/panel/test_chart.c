#include "panels/chart.h"

#include "base/clock.h"
#include "tests/panel/golden.h"
#include "tests/tap.h"

enum {
	POINTS = 120
};

static void
draw(struct golden *golden, const char *what, struct chart *chart,
    const double *values, size_t count)
{
	static const bool modes[] = { false, true };

	chart->title = text_lit(what);
	chart->values = values;
	chart->count = count;
	chart->last = count > 0 ? values[count - 1] : NAN;
	chart->span_ns = 15 * 60 * NS_PER_SEC;
	for (size_t i = 0; i < 2; i++) {
		struct canvas *canvas = canvas_new(8, 60);

		if (!ok(canvas != NULL, "memory"))
			continue;
		canvas->ascii = modes[i];
		chart_draw(canvas, canvas_rect(canvas), chart);
		golden_add(golden, what, canvas);
		canvas_free(canvas);
	}
}

static void
fill(double *values, double (*value)(size_t))
{
	for (size_t i = 0; i < POINTS; i++)
		values[i] = value(i);
}

static double
wave(size_t i)
{
	return 0.5 + 0.4 * (double)((i * 7) % 40) / 40;
}

static double
gap(size_t i)
{
	return i >= 40 && i < 60 ? NAN : wave(i);
}

static double
below_zero(size_t i)
{
	return ((double)i - 60) / 60;
}

static double
none(size_t i)
{
	(void)i;
	return NAN;
}

static double
flat_zero(size_t i)
{
	(void)i;
	return 0;
}

static double
one(size_t i)
{
	return i == POINTS - 1 ? 7 : NAN;
}

static double
few(size_t i)
{
	return i >= POINTS - 4 ? (double)i - 100 : NAN;
}

static double
infinite(size_t i)
{
	return i == 50 ? INFINITY : i == 51 ? -INFINITY : wave(i);
}

static double
huge(size_t i)
{
	return i % 2 ? 1.7e308 : -1.7e308;
}

static void
test_shapes(void)
{
	static const struct {
		const char *what;
		double (*value)(size_t);
	} shapes[] = {
		{ "wave", wave },
		{ "gap", gap },
		{ "below zero", below_zero },
		{ "no values", none },
		{ "only zeroes", flat_zero },
		{ "one point", one },
		{ "four points", few },
		{ "infinities", infinite },
		{ "huge", huge },
	};
	struct golden golden;
	double values[POINTS];

	golden_init(&golden, "chart-shapes");
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
		struct chart chart = { .unit = NUM_NONE };

		fill(values, shapes[i].value);
		draw(&golden, shapes[i].what, &chart, values, POINTS);
	}
	ok(golden_done(&golden), "charts look as before");
}

static void
test_lines(void)
{
	static const double marks[] = { 0, 0.5, 1, -0.1, 1.1, NAN };
	struct golden golden;
	double values[POINTS];
	struct chart chart = {
		.unit = NUM_PERCENT,
		.role = ROLE_WARN,
		.warn = { true, COMPARE_GT, 0.8 },
		.crit = { true, COMPARE_GT, 1.2 },
		.marks = marks,
		.mark_count = ARRAY_LEN(marks),
	};

	golden_init(&golden, "chart-lines");
	fill(values, wave);
	draw(&golden, "thresholds and marks", &chart, values, POINTS);
	chart.crit.value = 50;
	draw(&golden, "a threshold far above", &chart, values, POINTS);
	chart.warn = (struct threshold) { true, COMPARE_LT, 0 };
	chart.crit = (struct threshold) { true, COMPARE_LT, -3 };
	draw(&golden, "thresholds below", &chart, values, POINTS);
	ok(golden_done(&golden), "charts look as before");
}

/* Cells of the spark as a string. */
static const char *
spark(const double *values, size_t count, bool ascii)
{
	static char line[64];
	struct canvas *canvas = canvas_new(1, 6);
	struct chart chart = { .unit = NUM_NONE };
	size_t len = 0;

	if (canvas == NULL)
		return "no memory";
	canvas->ascii = ascii;
	chart.values = values;
	chart.count = count;
	chart_spark(canvas, canvas_rect(canvas), 0, 0, 6, &chart, ROLE_CHART);
	for (int x = 0; x < 6; x++) {
		const struct cell *cell = canvas_cell(canvas, 0, x);

		memcpy(line + len, cell->glyph, cell->len);
		len += cell->len;
	}
	line[len] = '\0';
	canvas_free(canvas);
	return line;
}

static void
test_spark(void)
{
	static const double rise[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 };
	static const double hole[] = { 4, 4, NAN, NAN, 4, 4 };

	is_str(spark(rise, 12, false), "⣀⡠⠤⠤⠒⠒", "rising, in braille");
	is_str(spark(rise, 6, true), "_-=*#@", "rising, in ASCII");
	is_str(spark(hole, 6, false), "   ⠉ ⠉", "a gap stays empty");
	is_str(spark(hole, 0, false), "      ", "nothing yet");
}

int
main(void)
{
	RUN(test_shapes);
	RUN(test_lines);
	RUN(test_spark);
	return tap_done();
}
