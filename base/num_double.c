#include "base/num.h"

#include <math.h>
#include <string.h>

#include "base/num_exact.h"
#include "base/num_pow10.h"

/*
 * Decimal to double in three steps, each only for what the one before can't
 * decide: one exact multiplication (Clinger 1990), a 128-bit product with a
 * bound on its error (Eisel and Lemire, "Number Parsing at a Gigabyte per
 * Second", 2021), whole numbers of any length (base/num_exact.c).
 */
enum {
	NUM_DIGITS = 19, /* the most that fit 64 bits */
	NUM_EXP_MAX = 100000,
	NUM_MANTISSA_BITS = 52,
	NUM_EXP_INF = 0x7ff
};

/* A decimal number as read: digits times 10^exp10. */
struct num_decimal {
	uint64_t mantissa;  /* of its first 19 digits */
	int64_t exp10;	    /* of mantissa */
	bool cut;	    /* there were more digits */
	const char *digits; /* from the first that is not 0 */
	size_t digits_len;  /* with the '.' among them, if any */
	int64_t digits_exp10;
};

static double
num_from_bits(uint64_t bits)
{
	double value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

static bool
num_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "nan", "inf", "infinity" without the sign; false for anything else. */
static bool
num_parse_word(const char *s, size_t len, double *ret_value)
{
	static const struct {
		const char *word;
		size_t len;
		double value;
	} words[] = {
		{ "nan", 3, NAN },
		{ "inf", 3, INFINITY },
		{ "infinity", 8, INFINITY },
	};

	for (size_t w = 0; w < ARRAY_LEN(words); w++) {
		size_t i = 0;

		if (words[w].len != len)
			continue;
		while (i < len && (s[i] | 0x20) == words[w].word[i])
			i++;
		if (i == len) {
			*ret_value = words[w].value;
			return true;
		}
	}
	return false;
}

/* The exponent behind 'e'; far out it only matters that it is far out. */
static bool
num_parse_exp(const char *s, const char *end, int64_t *ret_exp)
{
	bool negative = false;
	int64_t value = 0;

	if (s < end && (*s == '+' || *s == '-'))
		negative = *s++ == '-';
	if (s == end)
		return false;
	for (; s < end; s++) {
		if (!num_is_digit(*s))
			return false;
		if (value < NUM_EXP_MAX)
			value = value * 10 + (*s - '0');
	}
	*ret_exp = negative ? -value : value;
	return true;
}

/* More than 19 digits: the first 19 again, and what they are worth. */
static void
num_decimal_cut(struct num_decimal *d)
{
	size_t digits = 0, left = 0;

	d->mantissa = 0;
	d->cut = true;
	for (size_t i = 0; i < d->digits_len; i++) {
		if (d->digits[i] == '.')
			continue;
		if (digits < NUM_DIGITS) {
			d->mantissa =
			    d->mantissa * 10 + (uint64_t)(d->digits[i] - '0');
			digits++;
		} else {
			left++;
		}
	}
	d->exp10 += (int64_t)left;
}

/* [digits][.digits][e[+-]digits], all of it. */
static bool
num_decimal_read(struct num_decimal *d, const char *s, const char *end)
{
	const char *start = s, *point = NULL;
	uint64_t mantissa = 0;
	int64_t exp10 = 0, exp = 0;
	size_t count;

	while (s < end && num_is_digit(*s))
		mantissa = mantissa * 10 + (uint64_t)(*s++ - '0');
	if (s < end && *s == '.') {
		point = s++;
		while (s < end && num_is_digit(*s))
			mantissa = mantissa * 10 + (uint64_t)(*s++ - '0');
		exp10 = -(int64_t)(s - point - 1);
	}
	count = (size_t)(s - start) - (point != NULL);
	if (count == 0)
		return false;
	d->digits = start;
	d->digits_len = (size_t)(s - start);
	if (s < end && ((*s | 0x20) != 'e' || !num_parse_exp(s + 1, end, &exp)))
		return false;
	d->mantissa = mantissa;
	d->exp10 = d->digits_exp10 = exp10 + exp;
	d->cut = false;
	if (count <= NUM_DIGITS)
		return true;
	while (d->digits_len > 0 && (*d->digits == '0' || *d->digits == '.')) {
		count -= *d->digits == '0';
		d->digits++;
		d->digits_len--;
	}
	if (count > NUM_DIGITS)
		num_decimal_cut(d);
	return true;
}

/* One multiplication or division of exact values rounds once: correctly. */
static bool
num_exactly(uint64_t mantissa, int64_t exp10, double *ret_value)
{
	static const double powers[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7,
		1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
		1e19, 1e20, 1e21, 1e22 };

	if (mantissa >> (NUM_MANTISSA_BITS + 1) != 0 || exp10 < -22 ||
	    exp10 > 22)
		return false;
	if (exp10 < 0)
		*ret_value = (double)mantissa / powers[-exp10];
	else
		*ret_value = (double)mantissa * powers[exp10];
	return true;
}

/* The 128 leading bits of mantissa * 5^q; mantissa has its top bit set. */
static void
num_product(uint64_t mantissa, int64_t q, uint64_t *ret_high, uint64_t *ret_low)
{
	const uint64_t *row = num_pow10[q - NUM_POW10_MIN];
	unsigned __int128 first = (unsigned __int128)mantissa * row[0];
	uint64_t high = (uint64_t)(first >> 64), low = (uint64_t)first;

	/* Nine bits more than are kept: all ones may carry. */
	if ((high & 0x1ff) == 0x1ff) {
		unsigned __int128 second = (unsigned __int128)mantissa * row[1];
		uint64_t add = (uint64_t)(second >> 64);

		low += add;
		if (low < add)
			high++;
	}
	*ret_high = high;
	*ret_low = low;
}

/*
 * Bits of the double nearest to mantissa * 10^q. False when the error of the
 * product leaves it open; the bits are then at most a few steps off.
 */
static bool
num_eisel_lemire(uint64_t mantissa, int64_t q, uint64_t *ret_bits)
{
	const uint64_t hidden = UINT64_C(1) << NUM_MANTISSA_BITS;
	uint64_t high, low, bits;
	int zeros, upper, exp2;
	bool sure;

	*ret_bits = 0;
	if (mantissa == 0 || q < NUM_POW10_MIN)
		return true;
	*ret_bits = (uint64_t)NUM_EXP_INF << NUM_MANTISSA_BITS;
	if (q > NUM_POW10_MAX)
		return true;
	zeros = __builtin_clzll(mantissa);
	num_product(mantissa << zeros, q, &high, &low);
	sure = low != UINT64_MAX || (q >= -27 && q <= 55);
	upper = (int)(high >> 63);
	bits = high >> (upper + 64 - NUM_MANTISSA_BITS - 3);
	/* 217706 / 65536 is a little more than log2(10) */
	exp2 = (int)((217706 * q) >> 16) + 63 + upper - zeros + 1023;
	if (exp2 <= 0) { /* subnormal, or nothing */
		bits = -exp2 + 1 >= 64 ? 0 : bits >> (-exp2 + 1);
		*ret_bits = (bits + (bits & 1)) >> 1;
		return sure;
	}
	/* Exactly the middle: only small powers of five can be exact. */
	if (low <= 1 && q >= -4 && q <= 23 && (bits & 3) == 1 &&
	    bits << (upper + 64 - NUM_MANTISSA_BITS - 3) == high)
		bits &= ~UINT64_C(1);
	bits = (bits + (bits & 1)) >> 1;
	if (bits >= 2 * hidden) {
		bits = hidden;
		exp2++;
	}
	if (exp2 < NUM_EXP_INF)
		*ret_bits = (bits & ~hidden) | (uint64_t)exp2
						   << NUM_MANTISSA_BITS;
	return sure;
}

static double
num_decimal_value(const struct num_decimal *d)
{
	uint64_t bits, above;
	double value;
	bool sure;

	if (!d->cut && num_exactly(d->mantissa, d->exp10, &value))
		return value;
	sure = num_eisel_lemire(d->mantissa, d->exp10, &bits);
	if (sure && d->cut)
		sure = num_eisel_lemire(d->mantissa + 1, d->exp10, &above) &&
		       above == bits;
	if (!sure)
		bits =
		    num_exact(d->digits, d->digits_len, d->digits_exp10, bits);
	return num_from_bits(bits);
}

bool
num_parse_double(const char *s, size_t len, double *ret_value)
{
	const char *end = s + len;
	struct num_decimal decimal;
	bool negative = false;
	double value;

	if (s < end && (*s == '+' || *s == '-'))
		negative = *s++ == '-';
	if (s == end)
		return false;
	if (!num_is_digit(*s) && *s != '.') {
		if (!num_parse_word(s, (size_t)(end - s), &value))
			return false;
	} else {
		if (!num_decimal_read(&decimal, s, end))
			return false;
		value = num_decimal_value(&decimal);
	}
	*ret_value = negative ? -value : value;
	return true;
}
