#include "base/num.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

/*
 * Nothing here prints a double: printf() would write the decimal point of
 * the locale. Values are scaled to whole numbers and the point is put in.
 */

/* 1204 -> "1,204" */
static void
num_thousands(char out[NUM_TEXT_MAX], uint64_t value)
{
	char digits[NUM_TEXT_MAX];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, value);
	int n = 0;

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			out[n++] = ',';
		out[n++] = digits[i];
	}
	out[n] = '\0';
}

char *
num_int(char out[NUM_TEXT_MAX], int64_t value)
{
	uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	out[0] = '-';
	num_thousands(out + (value < 0), size);
	return out;
}

/* value below 10^15, rounded to so many decimals (0 to 4) */
static void
num_fixed(char out[NUM_TEXT_MAX], double value, int decimals)
{
	static const uint32_t scales[] = { 1, 10, 100, 1000, 10000 };
	uint64_t whole = (uint64_t)(value * scales[decimals] + 0.5);
	size_t len;

	num_thousands(out, whole / scales[decimals]);
	if (decimals == 0)
		return;
	len = strlen(out);
	out[len++] = '.';
	for (int i = decimals; i-- > 0;)
		out[len++] = (char)('0' + whole / scales[i] % 10);
	out[len] = '\0';
}

/* One decimal below 100, none above; whole numbers stay whole. */
static void
num_short(char out[NUM_TEXT_MAX], double value)
{
	int decimals = 0;

	if (value != floor(value) && value < 99.95)
		decimals = value >= 0.995 ? 1 : 2;
	num_fixed(out, value, decimals);
}

static void
num_append(char out[NUM_TEXT_MAX], const char *s)
{
	size_t len = strlen(out);

	snprintf(out + len, NUM_TEXT_MAX - len, "%s", s);
}

/*
 * Three digits of value divided by a power of 1000; the prefix of that
 * power, "" for one, is returned.
 */
static const char *
num_scaled(char out[NUM_TEXT_MAX], double value)
{
	static const char *const prefixes[] = { "", "k", "M", "G", "T", "P",
		"E" };
	size_t power = 0;

	while (value >= 999.5 && power + 1 < ARRAY_LEN(prefixes)) {
		value /= 1000;
		power++;
	}
	if (value >= 9999.5) /* nothing that is measured gets here */
		snprintf(out, NUM_TEXT_MAX, ">9,999");
	else
		num_short(out, value);
	return prefixes[power];
}

/* A number by itself, not negative. */
static void
num_plain(char out[NUM_TEXT_MAX], double value)
{
	if (value >= 9999.5)
		num_append(out, num_scaled(out, value));
	else if (value == 0 || value >= 0.0995)
		num_short(out, value);
	else if (value >= 0.00095)
		num_fixed(out, value, value >= 0.00995 ? 3 : 4);
	else
		snprintf(out, NUM_TEXT_MAX, "<0.001");
}

static void
num_percent(char out[NUM_TEXT_MAX], double percent)
{
	if (percent > 0 && percent < 0.005)
		snprintf(out, NUM_TEXT_MAX, "<0.01");
	else if (percent > 99 && percent < 100) /* 99.999 is not 100 */
		num_fixed(out, floor(percent * 100 + 1e-9) / 100, 2);
	else if (percent > 0 && percent < 0.0995)
		num_fixed(out, percent, 2);
	else
		num_plain(out, percent);
	num_append(out, " %");
}

static void
num_seconds(char out[NUM_TEXT_MAX], double seconds)
{
	if (seconds >= 59.95) {
		seconds = fmin(seconds + 0.05, 9e9);
		num_duration(out, (int64_t)seconds * NS_PER_SEC);
	} else if (seconds == 0 || seconds >= 0.9995) {
		num_short(out, seconds);
		num_append(out, " s");
	} else if (seconds >= 0.9995e-3) {
		num_short(out, seconds * 1e3);
		num_append(out, " ms");
	} else if (seconds >= 0.9995e-6) {
		num_short(out, seconds * 1e6);
		num_append(out, " µs");
	} else {
		num_short(out, seconds * 1e9);
		num_append(out, " ns");
	}
}

static void
num_dollars(char out[NUM_TEXT_MAX], double value)
{
	char digits[NUM_TEXT_MAX];

	if (value < 999.995)
		num_fixed(digits, value, 2);
	else
		num_plain(digits, value);
	snprintf(out, NUM_TEXT_MAX, "$");
	num_append(out, digits);
}

/* value without its sign */
static void
num_with_unit(char out[NUM_TEXT_MAX], double value, enum num_unit unit)
{
	const char *prefix;

	switch (unit) {
	case NUM_PERCENT:
		num_percent(out, value * 100);
		break;
	case NUM_SECONDS:
		num_seconds(out, value);
		break;
	case NUM_BYTES:
	case NUM_BYTES_PER_SECOND:
		prefix = num_scaled(out, value);
		num_append(out, " ");
		num_append(out, prefix);
		num_append(out, unit == NUM_BYTES ? "B" : "B/s");
		break;
	case NUM_PER_SECOND:
		num_plain(out, value);
		num_append(out, "/s");
		break;
	case NUM_DOLLARS:
		num_dollars(out, value);
		break;
	case NUM_NONE:
	case NUM_COUNT:
	case NUM_UNIT_COUNT:
		num_plain(out, value);
		break;
	}
}

char *
num_human(char out[NUM_TEXT_MAX], double value, enum num_unit unit)
{
	char digits[NUM_TEXT_MAX];

	if (isnan(value)) {
		snprintf(out, NUM_TEXT_MAX, "—");
		return out;
	}
	if (isinf(value))
		snprintf(digits, sizeof(digits), "inf");
	else
		num_with_unit(digits, fabs(value), unit);
	snprintf(out, NUM_TEXT_MAX, "%s", value < 0 ? "-" : "");
	num_append(out, digits);
	return out;
}

char *
num_duration(char out[NUM_TEXT_MAX], int64_t ns)
{
	int64_t s = ns / NS_PER_SEC;

	if (ns <= 0)
		snprintf(out, NUM_TEXT_MAX, "0s");
	else if (ns < NS_PER_MS)
		snprintf(out, NUM_TEXT_MAX, "<1ms");
	else if (s < 1)
		snprintf(out, NUM_TEXT_MAX, "%" PRId64 "ms", ns / NS_PER_MS);
	else if (s < 60)
		snprintf(out, NUM_TEXT_MAX, "%" PRId64 "s", s);
	else if (s < 3600)
		snprintf(out, NUM_TEXT_MAX, "%" PRId64 "m%02" PRId64 "s",
		    s / 60, s % 60);
	else if (s < 86400)
		snprintf(out, NUM_TEXT_MAX, "%" PRId64 "h%02" PRId64, s / 3600,
		    s / 60 % 60);
	else if (s < 100 * 86400)
		snprintf(out, NUM_TEXT_MAX, "%" PRId64 "d%" PRId64 "h",
		    s / 86400, s / 3600 % 24);
	else
		snprintf(out, NUM_TEXT_MAX, "%" PRId64 "d", s / 86400);
	return out;
}

/*
 * value as digits and a power of ten, as many digits as asked. printf()
 * knows how to do that rightly; of what it writes only the ASCII digits and
 * the exponent are taken, so its decimal point does not matter.
 */
static int
num_digits(char digits[NUM_TEXT_MAX], double value, int count)
{
	char text[64];
	int n = 0, exp10 = 0;
	const char *p;
	int64_t exp;

	snprintf(text, sizeof(text), "%.*e", count - 1, value);
	for (p = text; *p != '\0' && *p != 'e'; p++) {
		if (*p >= '0' && *p <= '9')
			digits[n++] = *p;
	}
	if (*p == 'e' && num_parse_i64(p + 1, strlen(p + 1), &exp))
		exp10 = (int)exp;
	while (n > 1 && digits[n - 1] == '0')
		n--;
	digits[n] = '\0';
	return exp10;
}

static void
num_append_zeros(char out[NUM_TEXT_MAX], int count)
{
	while (count-- > 0)
		num_append(out, "0");
}

/* As JSON writes numbers; exp10 is that of the first digit. */
static void
num_write(char out[NUM_TEXT_MAX], const char *digits, int exp10, bool minus)
{
	const int len = (int)strlen(digits);
	const bool far = exp10 < -5 || exp10 > 16;
	const int whole = far ? 1 : exp10 + 1; /* digits before the point */
	char part[NUM_TEXT_MAX];

	snprintf(out, NUM_TEXT_MAX, "%s", minus ? "-" : "");
	if (whole <= 0) {
		num_append(out, "0.");
		num_append_zeros(out, -whole);
		num_append(out, digits);
	} else if (whole >= len) {
		num_append(out, digits);
		num_append_zeros(out, whole - len);
	} else {
		memcpy(part, digits, (size_t)whole);
		part[whole] = '\0';
		num_append(out, part);
		num_append(out, ".");
		num_append(out, digits + whole);
	}
	if (far) {
		snprintf(part, sizeof(part), "e%d", exp10);
		num_append(out, part);
	}
}

char *
num_json(char out[NUM_TEXT_MAX], double value)
{
	char digits[NUM_TEXT_MAX];
	double back;

	if (isnan(value) || isinf(value)) {
		snprintf(out, NUM_TEXT_MAX, "null");
		return out;
	}
	for (int count = 15; count <= 17; count++) {
		int exp10 = num_digits(digits, fabs(value), count);

		num_write(out, digits, exp10, signbit(value) != 0);
		if (num_parse_double(out, strlen(out), &back) && back == value)
			break;
	}
	return out;
}
