#include "base/num.h"

#include <locale.h>

#include "tests/tap.h"

static void
test_double_table(void)
{
	/* Hard cases of rounding; each value as the compiler reads it. */
	static const struct {
		const char *text;
		double value;
	} good[] = {
		{ "0", 0 },
		{ "-0.0", -0.0 },
		{ "1.5", 1.5 },
		{ "+.5", 0.5 },
		{ "5.", 5 },
		{ "1e22", 1e22 },
		{ "1e23", 1e23 },
		{ "8.5E+22", 8.5e22 },
		{ "1.7976931348623157e308", 1.7976931348623157e308 },
		{ "1.7976931348623158e308", 0x1.fffffffffffffp1023 },
		{ "179769313486231580793728971405303415079934132710037826936"
		  "1737789804449682927647509466490179775872070963302864166928"
		  "8799109465556852834000000000000000000000000000000000000000"
		  "0000000000000000000000000000000000000000000000000000000000"
		  "0000000000000000000000000000000000000000000000000000000000"
		  "0000000000000000000000",
		    INFINITY },
		{ "1e309", INFINITY },
		{ "-1e999999999999999999999", -INFINITY },
		{ "1e-400", 0 },
		{ "4.9e-324", 0x1p-1074 },
		{ "2.4703282292062327e-324", 0 },
		{ "2.4703282292062328e-324", 0x1p-1074 },
		{ "2.2250738585072011e-308", 0x0.fffffffffffffp-1022 },
		{ "2.2250738585072012e-308", 0x1p-1022 },
		{ "9007199254740993", 9007199254740992.0 },
		{ "9007199254740993.0000000000000000000000000001",
		    9007199254740994.0 },
		{ "9007199254740995", 9007199254740996.0 },
		{ "0.30000000000000004", 0.1 + 0.2 },
		{ "1.00000000000000011102230246251565404236316680908203125",
		    1.0 },
		{ "1.00000000000000011102230246251565404236316680908203126",
		    0x1.0000000000001p0 },
		{ "1.00000000000000033306690738754696212708950042724609375",
		    0x1.0000000000002p0 },
		{ "6.9294956446009195e15", 0x1.89e56ee5e7a58p52 },
		{ "0.000000000000000000000000000000000000000000000001e48", 1 },
		{ "100000000000000000000000000000000000000000000000e-47", 1 },
		{ "Inf", INFINITY },
		{ "-infinity", -INFINITY },
		{ "+INF", INFINITY },
		{ "NaN", NAN },
		{ "nan", NAN },
	};
	double got;

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		got = -7;
		ok(num_parse_double(good[i].text, strlen(good[i].text), &got),
		    "%.40s is a number", good[i].text);
		is_near(got, good[i].value, 0, "with its value");
		ok(isnan(got) || signbit(got) == signbit(good[i].value),
		    "and its sign");
	}
}

static void
test_double_bad(void)
{
	static const char *const bad[] = { "", "+", "-", ".", "e5", "1e", "1e+",
		"1.2.3", "0x10", "1 ", " 1", "1,5", "--1", "+-1", "in", "infi",
		"nanx", "1e5.5", "1e5e5", "1_000", "NaN1", "." };
	double got = 42;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(!num_parse_double(bad[i], strlen(bad[i]), &got),
		    "\"%s\" is no number", bad[i]);
	is_near(got, 42, 0, "and the output is untouched");
	ok(num_parse_double("12345", 2, &got) && got == 12,
	    "reads no byte past its length");
}

/* Doubles from a generator, written by printf() and by us, read back. */
static void
test_double_back(void)
{
	uint64_t state = 88172645463325252;
	int wrong = 0, json = 0;
	char text[64], out[NUM_TEXT_MAX];

	for (int i = 0; i < 200000; i++) {
		double value, got;

		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		memcpy(&value, &state, sizeof(value));
		if (!isfinite(value))
			continue;
		snprintf(text, sizeof(text), "%.17g", value);
		wrong +=
		    !num_parse_double(text, strlen(text), &got) || got != value;
		num_json(out, value);
		json += !num_parse_double(out, strlen(out), &got) ||
			got != value || strlen(out) >= sizeof(out) - 1;
	}
	is_int(wrong, 0, "17 digits read back as the same double");
	is_int(json, 0, "num_json() too");
}

/* The number 1.0…01 needs its last digit, however far out it is. */
static void
test_double_long(void)
{
	static char text[5002];
	double got = 0;

	memset(text, '0', sizeof(text));
	memcpy(text, "9007199254740993.", 17);
	ok(num_parse_double(text, 5000, &got) && got == 9007199254740992.0,
	    "a middle goes to the even one");
	text[5000] = '1';
	ok(num_parse_double(text, 5001, &got) && got == 9007199254740994.0,
	    "one digit in the 5000th place decides");
	memset(text, '1', sizeof(text));
	ok(num_parse_double(text, 5000, &got) && isinf(got),
	    "5000 digits are too big");
}

static void
test_int(void)
{
	int64_t got = 42;
	uint64_t big = 42;

	ok(num_parse_i64("-9223372036854775808", 20, &got) && got == INT64_MIN,
	    "smallest");
	ok(num_parse_i64("+9223372036854775807", 20, &got) && got == INT64_MAX,
	    "largest");
	ok(!num_parse_i64("9223372036854775808", 19, &got), "too big");
	ok(!num_parse_i64("-9223372036854775809", 20, &got), "too small");
	ok(!num_parse_i64("-", 1, &got) && !num_parse_i64("-+1", 3, &got) &&
		!num_parse_i64("", 0, &got) && !num_parse_i64("1x", 2, &got) &&
		!num_parse_i64("1.0", 3, &got),
	    "no whole numbers");
	is_int(got, INT64_MAX, "untouched");
	ok(num_parse_u64("18446744073709551615", 20, &big) && big == UINT64_MAX,
	    "largest unsigned");
	ok(!num_parse_u64("18446744073709551616", 20, &big) &&
		!num_parse_u64("-1", 2, &big),
	    "no unsigned");
}

static int64_t
duration(const char *text)
{
	int64_t ns = -1;

	return num_parse_duration(text, strlen(text), &ns) ? ns : -1;
}

static int64_t
size(const char *text)
{
	uint64_t bytes = 0;

	return num_parse_size(text, strlen(text), &bytes) ? (int64_t)bytes : -1;
}

static void
test_quantities(void)
{
	is_int(duration("250ms"), 250000000, "250ms");
	is_int(duration("5s"), INT64_C(5000000000), "5s");
	is_int(duration("1h30m"), INT64_C(5400000000000), "1h30m");
	is_int(duration("1.5m"), INT64_C(90000000000), "1.5m");
	is_int(duration("0"), 0, "0");
	is_int(duration("5"), -1, "no unit");
	is_int(duration("30m1h"), -1, "wrong order");
	is_int(duration("1m1m"), -1, "twice");
	is_int(duration("-1s"), -1, "negative");
	is_int(duration("1s "), -1, "blank");
	is_int(duration(""), -1, "empty");
	is_int(duration("s"), -1, "no number");
	is_int(duration("99999999999w"), -1, "too long");
	is_int(duration("99999999999.5w"), -1, "too long with a point");
	is_int(size("100MB"), 100000000, "100MB");
	is_int(size("4MiB"), 4194304, "4MiB");
	is_int(size("512"), 512, "512");
	is_int(size("1.5 GB"), 1500000000, "1.5 GB");
	is_int(size("64k"), 64000, "64k");
	is_int(size("2Ki"), 2048, "2Ki");
	is_int(size("7B"), 7, "7B");
	is_int(size("7 "), -1, "only a blank");
	is_int(size("7XB"), -1, "no such unit");
	is_int(size("MB"), -1, "no size");
	is_int(size("99999999PB"), -1, "too big");
}

static void
test_human(void)
{
	static const struct {
		double value;
		enum num_unit unit;
		const char *want;
	} rows[] = {
		{ NAN, NUM_NONE, "—" },
		{ NAN, NUM_PERCENT, "—" },
		{ INFINITY, NUM_NONE, "inf" },
		{ -INFINITY, NUM_SECONDS, "-inf" },
		{ 0, NUM_NONE, "0" },
		{ -0.0, NUM_NONE, "0" },
		{ 4, NUM_COUNT, "4" },
		{ 18.2, NUM_NONE, "18.2" },
		{ 99.96, NUM_NONE, "100" },
		{ 412, NUM_PER_SECOND, "412/s" },
		{ 6.1, NUM_PER_SECOND, "6.1/s" },
		{ -12, NUM_PER_SECOND, "-12/s" },
		{ 1204, NUM_COUNT, "1,204" },
		{ 9999.4, NUM_NONE, "9,999" },
		{ 9999.6, NUM_NONE, "10.0k" },
		{ 12345, NUM_NONE, "12.3k" },
		{ 999950, NUM_NONE, "1.0M" },
		{ 1.25e9, NUM_NONE, "1.3G" },
		{ 1e30, NUM_NONE, ">9,999E" },
		{ 0.42, NUM_NONE, "0.42" },
		{ 0.042, NUM_NONE, "0.042" },
		{ 0.0042, NUM_NONE, "0.0042" },
		{ 0.00042, NUM_NONE, "<0.001" },
		{ 0.073, NUM_PERCENT, "7.3 %" },
		{ 0, NUM_PERCENT, "0 %" },
		{ 0.00004, NUM_PERCENT, "<0.01 %" },
		{ 0.0004, NUM_PERCENT, "0.04 %" },
		{ 1, NUM_PERCENT, "100 %" },
		{ 0.99999, NUM_PERCENT, "99.99 %" },
		{ 0.9995, NUM_PERCENT, "99.95 %" },
		{ 0.99, NUM_PERCENT, "99 %" },
		{ 2.4, NUM_SECONDS, "2.4 s" },
		{ 0.003, NUM_SECONDS, "3 ms" },
		{ 0.2504, NUM_SECONDS, "250 ms" },
		{ 0.00084, NUM_SECONDS, "840 µs" },
		{ 5e-8, NUM_SECONDS, "50 ns" },
		{ 252, NUM_SECONDS, "4m12s" },
		{ 59.99, NUM_SECONDS, "1m00s" },
		{ 512, NUM_BYTES, "512 B" },
		{ 1.2e9, NUM_BYTES, "1.2 GB" },
		{ 999.7, NUM_BYTES, "1.0 kB" },
		{ 4.5e6, NUM_BYTES_PER_SECOND, "4.5 MB/s" },
		{ 61.2, NUM_DOLLARS, "$61.20" },
		{ -5, NUM_DOLLARS, "-$5.00" },
		{ 12345, NUM_DOLLARS, "$12.3k" },
	};
	char out[NUM_TEXT_MAX];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		is_str(num_human(out, rows[i].value, rows[i].unit),
		    rows[i].want, rows[i].want);
	is_str(num_int(out, 1204331), "1,204,331", "num_int");
	is_str(
	    num_int(out, INT64_MIN), "-9,223,372,036,854,775,808", "smallest");
	is_str(num_int(out, 7), "7", "one digit");
}

static void
test_duration_text(void)
{
	const int64_t s = 1000000000;
	char out[NUM_TEXT_MAX];

	is_str(num_duration(out, -5), "0s", "below zero");
	is_str(num_duration(out, 0), "0s", "zero");
	is_str(num_duration(out, 999999), "<1ms", "very short");
	is_str(num_duration(out, 3000000), "3ms", "ms");
	is_str(num_duration(out, 51 * s), "51s", "s");
	is_str(num_duration(out, 252 * s), "4m12s", "m");
	is_str(num_duration(out, 245 * s), "4m05s", "padded");
	is_str(num_duration(out, 11100 * s), "3h05", "h");
	is_str(num_duration(out, 187200 * s), "2d4h", "d");
	is_str(num_duration(out, 412 * 86400 * s), "412d", "many days");
	is_str(num_duration(out, INT64_MAX), "106751d", "all of them");
}

static void
test_json(void)
{
	char out[NUM_TEXT_MAX];

	is_str(num_json(out, NAN), "null", "NaN");
	is_str(num_json(out, INFINITY), "null", "Inf");
	is_str(num_json(out, 0), "0", "0");
	is_str(num_json(out, -0.5), "-0.5", "-0.5");
	is_str(num_json(out, 0.1), "0.1", "0.1");
	is_str(num_json(out, 0.1 + 0.2), "0.30000000000000004", "17 digits");
	is_str(num_json(out, 1204), "1204", "1204");
	is_str(num_json(out, 1e15), "1000000000000000", "1e15");
	is_str(num_json(out, 1e22), "1e22", "1e22");
	is_str(num_json(out, -1.25e-7), "-1.25e-7", "-1.25e-7");
	is_str(num_json(out, 0.00012), "0.00012", "0.00012");
	is_str(num_json(out, 412.25), "412.25", "412.25");
}

/* The same numbers where the decimal point is a comma. */
static void
test_locale(void)
{
	char out[NUM_TEXT_MAX];
	double got = 0;

	if (setlocale(LC_NUMERIC, "de_DE.UTF-8") == NULL) {
		skip("no locale de_DE.UTF-8");
		return;
	}
	ok(num_parse_double("1.5", 3, &got) && got == 1.5, "1.5");
	ok(!num_parse_double("1,5", 3, &got), "1,5");
	is_str(num_json(out, 412.25), "412.25", "JSON");
	is_str(num_human(out, 2.4, NUM_SECONDS), "2.4 s", "for eyes");
	is_str(num_human(out, 1204, NUM_COUNT), "1,204", "thousands");
	setlocale(LC_NUMERIC, "C");
}

static void
test_units(void)
{
	enum num_unit unit = NUM_NONE;
	int wrong = 0;

	for (int i = 0; i < NUM_UNIT_COUNT; i++)
		wrong += !num_unit_from_name(
			     num_unit_name((enum num_unit)i), &unit) ||
			 (int)unit != i;
	is_int(wrong, 0, "names and units agree");
	ok(!num_unit_from_name("furlongs", &unit), "no such unit");
	is_str(num_unit_name((enum num_unit)99), "", "no name");
}

int
main(void)
{
	RUN(test_double_table);
	RUN(test_double_bad);
	RUN(test_double_back);
	RUN(test_double_long);
	RUN(test_int);
	RUN(test_quantities);
	RUN(test_human);
	RUN(test_duration_text);
	RUN(test_json);
	RUN(test_locale);
	RUN(test_units);
	return tap_done();
}
