#include "base/num.h"

#include <string.h>

#include "base/clock.h"

const char *const num_unit_names[] = {
#define X(unit, name) name,
	NUM_UNITS(X)
#undef X
	    NULL,
};

const char *
num_unit_name(enum num_unit unit)
{
	return (unsigned)unit < NUM_UNIT_COUNT ? num_unit_names[unit] : "";
}

bool
num_unit_from_name(const char *name, enum num_unit *ret_unit)
{
	for (int unit = 0; unit < NUM_UNIT_COUNT; unit++) {
		if (strcmp(name, num_unit_name((enum num_unit)unit)) == 0) {
			*ret_unit = (enum num_unit)unit;
			return true;
		}
	}
	return false;
}

bool
num_parse_u64(const char *s, size_t len, uint64_t *ret_value)
{
	uint64_t value = 0;
	size_t i = len > 0 && s[0] == '+' ? 1 : 0;

	if (i == len)
		return false;
	for (; i < len; i++) {
		unsigned digit = (unsigned)(s[i] - '0');

		if (digit > 9 || __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, digit, &value))
			return false;
	}
	*ret_value = value;
	return true;
}

bool
num_parse_i64(const char *s, size_t len, int64_t *ret_value)
{
	const uint64_t top = (uint64_t)INT64_MAX;
	bool negative = len > 0 && s[0] == '-';
	uint64_t value;

	if (negative && (len == 1 || s[1] == '+'))
		return false;
	if (!num_parse_u64(s + negative, len - negative, &value) ||
	    value > top + negative)
		return false;
	*ret_value = negative ? (int64_t)(0 - value) : (int64_t)value;
	return true;
}

/* Length of the number at s: digits with at most one '.'. */
static size_t
num_span(const char *s, size_t len)
{
	size_t i = 0;
	bool point = false;

	for (; i < len; i++) {
		if (s[i] == '.' && !point)
			point = true;
		else if (s[i] < '0' || s[i] > '9')
			break;
	}
	return i;
}

static const struct num_span_unit {
	const char *name;
	int64_t ns;
} num_span_units[] = {
	{ "w", 7 * 86400 * NS_PER_SEC },
	{ "d", 86400 * NS_PER_SEC },
	{ "h", 3600 * NS_PER_SEC },
	{ "m", 60 * NS_PER_SEC },
	{ "s", NS_PER_SEC },
	{ "ms", NS_PER_MS },
	{ "us", 1000 },
	{ "ns", 1 },
};

/* Index of the unit that the letters at s spell; -1: none. */
static int
num_span_unit(const char *s, size_t len, size_t *ret_len)
{
	size_t n = 0;

	while (n < len && s[n] >= 'a' && s[n] <= 'z')
		n++;
	for (size_t i = 0; i < ARRAY_LEN(num_span_units); i++) {
		if (strlen(num_span_units[i].name) == n &&
		    memcmp(num_span_units[i].name, s, n) == 0) {
			*ret_len = n;
			return (int)i;
		}
	}
	return -1;
}

/* Digits times unit, exactly where there is no '.'. */
static bool
num_scale(const char *s, size_t len, uint64_t unit, uint64_t *ret_value)
{
	double value;

	if (memchr(s, '.', len) == NULL)
		return num_parse_u64(s, len, ret_value) &&
		       !__builtin_mul_overflow(*ret_value, unit, ret_value);
	if (!num_parse_double(s, len, &value))
		return false;
	value = value * (double)unit + 0.5;
	if (value >= 0x1p63)
		return false;
	*ret_value = (uint64_t)value;
	return true;
}

bool
num_parse_duration(const char *s, size_t len, int64_t *ret_ns)
{
	uint64_t total = 0, part;
	size_t i = 0, n = 0;
	int last = -1;

	if (len == 1 && s[0] == '0') {
		*ret_ns = 0;
		return true;
	}
	if (len == 0)
		return false;
	while (i < len) {
		size_t digits = num_span(s + i, len - i);
		int unit = num_span_unit(s + i + digits, len - i - digits, &n);

		if (digits == 0 || unit <= last ||
		    !num_scale(s + i, digits, (uint64_t)num_span_units[unit].ns,
			&part) ||
		    __builtin_add_overflow(total, part, &total) ||
		    total > INT64_MAX)
			return false;
		last = unit;
		i += digits + n;
	}
	*ret_ns = (int64_t)total;
	return true;
}

/* What the letters of a size stand for; 0: nothing. "k", "kB", "KiB", … */
static uint64_t
num_size_unit(const char *s, size_t len)
{
	static const char letters[] = "kmgtp";
	uint64_t unit = 1, step = 1000;
	const char *at;

	if (len > 0 && (s[len - 1] | 0x20) == 'b')
		len--;
	if (len == 0)
		return 1;
	if (len == 2 && s[1] == 'i')
		step = 1024;
	else if (len != 1)
		return 0;
	at = strchr(letters, s[0] | 0x20);
	if (at == NULL || *at == '\0')
		return 0;
	for (ptrdiff_t i = 0; i <= at - letters; i++)
		unit *= step;
	return unit;
}

bool
num_parse_size(const char *s, size_t len, uint64_t *ret_bytes)
{
	size_t digits = num_span(s, len), at = digits;
	uint64_t unit, value;

	if (at < len && s[at] == ' ')
		at++;
	if (at == len && at != digits)
		return false;
	unit = num_size_unit(s + at, len - at);
	if (digits == 0 || unit == 0 || !num_scale(s, digits, unit, &value))
		return false;
	*ret_bytes = value;
	return true;
}
