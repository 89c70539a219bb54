/*
 * Numbers: num_parse_double() takes exactly its grammar and gives what the
 * C library gives, to the last bit; what is written can be read back; what
 * is for eyes fits its place and never hides that a value is missing.
 */
#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool good)
{
	if (!good)
		abort();
}

/* The grammar again, written as slowly as one reads it. */
static bool
is_number(const char *s)
{
	size_t digits;

	s += *s == '+' || *s == '-';
	if (strcasecmp(s, "nan") == 0 || strcasecmp(s, "inf") == 0 ||
	    strcasecmp(s, "infinity") == 0)
		return true;
	digits = strspn(s, "0123456789");
	s += digits;
	if (*s == '.') {
		size_t more = strspn(s + 1, "0123456789");

		digits += more;
		s += 1 + more;
	}
	if (digits == 0)
		return false;
	if (*s == 'e' || *s == 'E') {
		s++;
		s += *s == '+' || *s == '-';
		digits = strspn(s, "0123456789");
		if (digits == 0)
			return false;
		s += digits;
	}
	return *s == '\0';
}

static void
check_double(const char *s, size_t size)
{
	double got = 42, want;
	bool good = num_parse_double(s, size, &got);

	check(good == (strlen(s) == size && is_number(s)));
	if (!good) {
		check(got == 42);
		return;
	}
	want = strtod(s, NULL);
	check(isnan(want) ? isnan(got) : memcmp(&got, &want, 8) == 0);
}

static void
check_text(double value)
{
	char out[NUM_TEXT_MAX];
	double back;

	num_json(out, value);
	if (isfinite(value))
		check(
		    num_parse_double(out, strlen(out), &back) && back == value);
	else
		check(strcmp(out, "null") == 0);
	for (int unit = 0; unit < NUM_UNIT_COUNT; unit++) {
		num_human(out, value, (enum num_unit)unit);
		check(strlen(out) < 16 && text_is_valid(text_lit(out)));
		check(isnan(value) == (strcmp(out, "—") == 0));
		if (value != 0 && isfinite(value))
			check(strcmp(out, "0") != 0 && strcmp(out, "0 %") != 0);
		if (unit == NUM_PERCENT && value < 1)
			check(strcmp(out, "100 %") != 0);
	}
}

static void
check_whole(const char *s, size_t size)
{
	char out[NUM_TEXT_MAX];
	int64_t i = 0, ns;
	uint64_t u = 0;
	char *end;

	if (num_parse_i64(s, size, &i)) {
		check(strtoll(s, &end, 10) == i && *end == '\0');
		check(strlen(num_int(out, i)) < NUM_TEXT_MAX - 1);
		num_duration(out, i);
	}
	if (num_parse_u64(s, size, &u))
		check(strtoull(s, &end, 10) == u && *end == '\0');
	if (num_parse_duration(s, size, &ns))
		check(ns >= 0);
	(void)!num_parse_size(s, size, &u);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *s = malloc(size + 1);
	double value;

	if (s == NULL)
		return 0;
	memcpy(s, data, size);
	s[size] = '\0';
	check_double(s, size);
	check_whole(s, size);
	for (size_t i = 0; i + sizeof(value) <= size && i < 64; i++) {
		memcpy(&value, data + i, sizeof(value));
		check_text(value);
	}
	free(s);
	return 0;
}
