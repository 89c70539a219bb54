#include "datasrc/map_value.h"

#include "tests/tap.h"

#define NOW_MS INT64_C(1795356149000) /* 2026-11-22T14:02:29Z */

static struct map_scalar
text(const char *s)
{
	return (struct map_scalar) {
		.kind = MAP_SCALAR_TEXT, .s = s, .len = strlen(s)
	};
}

static struct map_scalar
number(double value)
{
	return (struct map_scalar) { .kind = MAP_SCALAR_NUMBER, .num = value };
}

static struct map_value
form(enum map_form form, int unit)
{
	return (struct map_value) { .form = form, .unit = unit, .scale = 1 };
}

static void
test_texts(void)
{
	static const struct {
		const char *text;
		int wanted;
		double value; /* INFINITY: refused */
		enum num_unit unit;
	} cases[] = {
		{ "12", MAP_UNIT_NONE, 12, NUM_NONE },
		{ " -1.5 \n", MAP_UNIT_NONE, -1.5, NUM_NONE },
		{ "1,204", MAP_UNIT_NONE, 1204, NUM_NONE },
		{ "1,204,331.5", NUM_COUNT, 1204331.5, NUM_COUNT },
		{ "1,2", MAP_UNIT_NONE, INFINITY, 0 },
		{ "1,2345", MAP_UNIT_NONE, INFINITY, 0 },
		{ "12,34,567", MAP_UNIT_NONE, INFINITY, 0 },
		{ "1.2,345", MAP_UNIT_NONE, INFINITY, 0 },
		{ ",5", MAP_UNIT_NONE, INFINITY, 0 },
		{ "1e3", MAP_UNIT_NONE, 1000, NUM_NONE },
		{ "1e999", MAP_UNIT_NONE, INFINITY, 0 },
		{ "0x10", MAP_UNIT_NONE, INFINITY, 0 },
		{ "abc", MAP_UNIT_NONE, INFINITY, 0 },
		{ "", MAP_UNIT_NONE, NAN, NUM_NONE },
		{ "-", NUM_BYTES, NAN, NUM_BYTES },
		{ "N/A", NUM_BYTES, NAN, NUM_BYTES },
		{ "12 %", MAP_UNIT_NONE, 0.12, NUM_PERCENT },
		{ "0.5%", NUM_PERCENT, 0.005, NUM_PERCENT },
		{ "12 %", NUM_BYTES, INFINITY, 0 },
		{ "%", MAP_UNIT_NONE, INFINITY, 0 },
		{ "100MB", MAP_UNIT_NONE, 1e8, NUM_BYTES },
		{ "1.5 GiB", MAP_UNIT_NONE, 1610612736, NUM_BYTES },
		{ "128Mi", MAP_UNIT_NONE, 134217728, NUM_BYTES },
		{ "12G", NUM_BYTES, 12e9, NUM_BYTES },
		{ "12G", MAP_UNIT_NONE, INFINITY, 0 },
		{ "12M", MAP_UNIT_NONE, INFINITY, 0 },
		{ "abc", NUM_BYTES, INFINITY, 0 },
		{ "3.4 MB/s", MAP_UNIT_NONE, 3.4e6, NUM_BYTES_PER_SECOND },
		{ "12/s", MAP_UNIT_NONE, 12, NUM_PER_SECOND },
		{ "$61.20", MAP_UNIT_NONE, 61.2, NUM_DOLLARS },
		{ "$", MAP_UNIT_NONE, INFINITY, 0 },
		{ "4.2s", MAP_UNIT_NONE, 4.2, NUM_SECONDS },
		{ "250 ms", MAP_UNIT_NONE, 0.25, NUM_SECONDS },
		{ "12m", MAP_UNIT_NONE, 720, NUM_SECONDS },
		{ "3h05", MAP_UNIT_NONE, 11100, NUM_SECONDS },
		{ "4m12", NUM_SECONDS, 252, NUM_SECONDS },
		{ "1h30m5s", NUM_SECONDS, 5405, NUM_SECONDS },
		{ "2 days 3 hours", NUM_SECONDS, 183600, NUM_SECONDS },
		{ "1 Day", NUM_SECONDS, 86400, NUM_SECONDS },
		{ "15\xC2\xB5s", NUM_SECONDS, 15e-6, NUM_SECONDS },
		{ "5s3h", NUM_SECONDS, INFINITY, 0 },
		{ "5s5s", NUM_SECONDS, INFINITY, 0 },
		{ "5 parsecs", NUM_SECONDS, INFINITY, 0 },
		{ "02:03", NUM_SECONDS, 123, NUM_SECONDS },
		{ "1:02:03", NUM_SECONDS, 3723, NUM_SECONDS },
		{ "4-01:02:03", NUM_SECONDS, 349323, NUM_SECONDS },
		{ "1:2:3:4", NUM_SECONDS, INFINITY, 0 },
		{ "1-2", NUM_SECONDS, INFINITY, 0 },
		{ "1:", NUM_SECONDS, INFINITY, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct map_value how = form(MAP_FORM_AUTO, cases[i].wanted);
		struct map_scalar from = text(cases[i].text);
		struct map_number got = { .value = 7 };
		bool good = map_value_read(&how, &from, NOW_MS, &got);

		is_int(good, !isinf(cases[i].value), cases[i].text);
		is_near(got.value, good ? cases[i].value : 7,
		    fabs(cases[i].value) * 1e-12, cases[i].text);
		if (good)
			is_str(num_unit_name(got.unit),
			    num_unit_name(cases[i].unit), cases[i].text);
	}
}

static void
test_scale(void)
{
	struct map_value how = { .unit = NUM_SECONDS, .scale = 0.001 };
	struct map_number got;
	struct map_scalar from = number(1500);

	ok(map_value_read(&how, &from, NOW_MS, &got), "milliseconds");
	is_near(got.value, 1.5, 1e-12, "as seconds");
	from = text("1500");
	ok(map_value_read(&how, &from, NOW_MS, &got), "the same as text");
	is_near(got.value, 1.5, 1e-12, "as seconds");
	from = text("3s");
	ok(map_value_read(&how, &from, NOW_MS, &got), "with its own unit");
	is_near(got.value, 3, 1e-12, "is left alone");
	from = (struct map_scalar) { .kind = MAP_SCALAR_BOOL, .num = 1 };
	how.scale = 1;
	ok(map_value_read(&how, &from, NOW_MS, &got), "true");
	is_near(got.value, 1, 0, "is 1");
	from = (struct map_scalar) { .kind = MAP_SCALAR_NULL };
	ok(map_value_read(&how, &from, NOW_MS, &got), "null");
	is_near(got.value, NAN, 0, "is missing");
	from = (struct map_scalar) { .kind = MAP_SCALAR_MANY, .num = 3 };
	ok(!map_value_read(&how, &from, NOW_MS, &got), "a list is no number");
	how = form(MAP_FORM_COUNT, MAP_UNIT_NONE);
	ok(map_value_read(&how, &from, NOW_MS, &got), "but can be counted");
	is_near(got.value, 3, 0, "three");
	from = text("abc");
	ok(!map_value_read(&how, &from, NOW_MS, &got), "a text can't");
}

static void
is_limit(const char *s, enum map_form f, int unit, double value, double limit,
    double used, enum num_unit want)
{
	struct map_value how = form(f, unit);
	struct map_scalar from = text(s);
	struct map_number got;

	if (!ok(map_value_read(&how, &from, NOW_MS, &got), "%s is read", s))
		return;
	is_near(got.value, value, 1e-9, s);
	is_near(got.limit, limit, 1e-9, "limit");
	is_near(got.used_ratio, used, 1e-9, "used");
	is_str(num_unit_name(got.unit), num_unit_name(want), "unit");
}

static void
test_limits(void)
{
	static const char *const wrong[] = { "97", "97/", "/100", "a/b",
		"97/100/5", "97//100" };

	is_limit(
	    "97/100", MAP_FORM_USED, MAP_UNIT_NONE, 97, 100, 0.97, NUM_NONE);
	is_limit("97/100", MAP_FORM_LEFT, NUM_COUNT, 97, 100, 0.03, NUM_COUNT);
	is_limit("97 of 1,000", MAP_FORM_USED, MAP_UNIT_NONE, 97, 1000, 0.097,
	    NUM_NONE);
	is_limit("45.5MiB / 1GiB", MAP_FORM_USED, MAP_UNIT_NONE, 47710208,
	    1073741824, 0.04443359375, NUM_BYTES);
	is_limit(
	    "3/4", MAP_FORM_USED, NUM_PERCENT, 0.75, NAN, 0.75, NUM_PERCENT);
	is_limit(
	    "3/4", MAP_FORM_LEFT, NUM_PERCENT, 0.25, NAN, 0.25, NUM_PERCENT);
	is_limit("0/0", MAP_FORM_USED, MAP_UNIT_NONE, 0, 0, NAN, NUM_NONE);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct map_value how = form(MAP_FORM_USED, MAP_UNIT_NONE);
		struct map_scalar from = text(wrong[i]);
		struct map_number got;

		ok(!map_value_read(&how, &from, NOW_MS, &got), "not %s",
		    wrong[i]);
	}
}

static void
test_times(void)
{
	static const struct {
		const char *text;
		double age_s; /* INFINITY: refused */
	} cases[] = {
		{ "2026-11-22T14:02:19Z", 10 },
		{ "2026-11-22T15:02:29.000+01:00", 0 },
		{ "2026-11-22 14:02:19 +0000 UTC", 10 },
		{ "2026-11-22 14:02:19.5+00", 9.5 },
		{ "1795356139", 10 },
		{ "1795356139000", 10 },
		{ "0001-01-01T00:00:00Z", NAN },
		{ "", NAN },
		{ "0", NAN },
		{ "yesterday", INFINITY },
		{ "2026-11-22T14:02:19Z or so", INFINITY },
		{ "25:00:00", INFINITY },
	};
	struct map_value how = form(MAP_FORM_AGE, MAP_UNIT_NONE);
	struct map_scalar from;
	struct map_number got;
	double at;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		bool good;

		from = text(cases[i].text);
		got.value = 7;
		good = map_value_read(&how, &from, NOW_MS, &got);
		is_int(good, !isinf(cases[i].age_s), cases[i].text);
		is_near(
		    got.value, good ? cases[i].age_s : 7, 1e-6, cases[i].text);
	}
	from = number(1795356139);
	ok(map_value_read(&how, &from, NOW_MS, &got), "epoch seconds");
	is_near(got.value, 10, 1e-6, "their age");
	from = number(1795356139000);
	ok(map_value_time(&from, NOW_MS, &at), "epoch milliseconds");
	is_near(at, 1795356139000, 0, "as they are");
	from = number(0);
	ok(map_value_time(&from, NOW_MS, &at), "0 is never");
	is_near(at, NAN, 0, "and missing");
	from = number(12);
	ok(!map_value_time(&from, NOW_MS, &at), "12 is no time");
	how.form = MAP_FORM_UNTIL;
	from = text("2026-11-22T14:03:29Z");
	ok(map_value_read(&how, &from, NOW_MS, &got), "a time to come");
	is_near(got.value, 60, 1e-6, "is a minute away");
}

static void
test_wants(void)
{
	struct map_value how = form(MAP_FORM_AUTO, MAP_UNIT_NONE);

	is_str(map_value_wants(&how), "a number", "plain");
	how.unit = NUM_BYTES;
	is_str(map_value_wants(&how), "a size", "bytes");
	how.unit = NUM_COUNT;
	is_str(map_value_wants(&how), "a number", "count");
	how.form = MAP_FORM_LEFT;
	is_str(map_value_wants(&how), "a pair such as 97/100", "limit");
	how.form = MAP_FORM_UNTIL;
	is_str(map_value_wants(&how), "a time", "time");
}

static void
test_states(void)
{
	static const char *const good[] = { "Online", "up*", "> 3", "200" };
	static const char *const poor[] = { "true", "== 2" };
	static const char *const bad[] = { "dead" };
	struct map_state state = {
		.ok = { .items = good, .count = ARRAY_LEN(good) },
		.warn = { .items = poor, .count = ARRAY_LEN(poor) },
		.crit = { .items = bad, .count = ARRAY_LEN(bad) },
		.other = STATE_CRIT,
	};
	struct map_scalar from;

#define IS(scalar, num, want)                                                  \
	from = (scalar);                                                       \
	is_str(state_name(map_state_of(&state, &from, (num))),                 \
	    state_name(want), #scalar)
	IS(text("online"), NAN, STATE_OK);
	IS(text("Up 2 hours"), NAN, STATE_OK);
	IS(text("u"), NAN, STATE_CRIT);
	IS(text("dead"), NAN, STATE_CRIT);
	IS(text("other"), NAN, STATE_CRIT);
	IS(number(200), 200, STATE_OK);
	IS(number(4), 4, STATE_OK);
	IS(number(2), 2, STATE_WARN);
	IS(number(1), 1, STATE_CRIT);
	IS(((struct map_scalar) { .kind = MAP_SCALAR_BOOL, .num = 1 }), 1,
	    STATE_WARN);
	IS(((struct map_scalar) { .kind = MAP_SCALAR_NULL }), NAN,
	    STATE_UNKNOWN);
	IS(((struct map_scalar) { .kind = MAP_SCALAR_MANY, .num = 4 }), 4,
	    STATE_OK);
	state.other = STATE_WARN;
	IS(text("other"), NAN, STATE_WARN);
#undef IS
}

int
main(void)
{
	RUN(test_texts);
	RUN(test_scale);
	RUN(test_limits);
	RUN(test_times);
	RUN(test_wants);
	RUN(test_states);
	return tap_done();
}
