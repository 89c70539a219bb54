#include "base/num_exact.h"

#include <stdbool.h>
#include <string.h>

enum {
	/*
	 * 800 digits decide every case, for no middle between two doubles
	 * has more than 768; 10^800 times 2^1100 has 3,758 bits.
	 */
	EXACT_DIGITS = 800,
	EXACT_WORDS = 160,
	EXACT_MANTISSA_BITS = 52
};

struct exact {
	uint32_t word[EXACT_WORDS]; /* lowest first */
	size_t len;
};

static void
exact_mul_add(struct exact *x, uint32_t factor, uint32_t add)
{
	uint64_t carry = add;

	for (size_t i = 0; i < x->len; i++) {
		carry += (uint64_t)x->word[i] * factor;
		x->word[i] = (uint32_t)carry;
		carry >>= 32;
	}
	if (carry != 0 && x->len < EXACT_WORDS)
		x->word[x->len++] = (uint32_t)carry;
}

static void
exact_set(struct exact *x, uint64_t value)
{
	x->len = 0;
	for (; value != 0; value >>= 32)
		x->word[x->len++] = (uint32_t)value;
}

static void
exact_mul_pow5(struct exact *x, uint64_t power)
{
	const uint32_t five13 = 1220703125; /* the most that fits */

	for (; power >= 13; power -= 13)
		exact_mul_add(x, five13, 0);
	for (; power > 0; power--)
		exact_mul_add(x, 5, 0);
}

static void
exact_shift(struct exact *x, uint64_t bits)
{
	size_t words = (size_t)(bits / 32);

	if (words != 0 && x->len + words <= EXACT_WORDS) {
		memmove(x->word + words, x->word, x->len * sizeof(*x->word));
		memset(x->word, 0, words * sizeof(*x->word));
		x->len += words;
	}
	exact_mul_add(x, UINT32_C(1) << (bits % 32), 0);
}

static int
exact_cmp(const struct exact *a, const struct exact *b)
{
	if (a->len != b->len)
		return a->len > b->len ? 1 : -1;
	for (size_t i = a->len; i-- > 0;) {
		if (a->word[i] != b->word[i])
			return a->word[i] > b->word[i] ? 1 : -1;
	}
	return 0;
}

/*
 * Reads the digits. What lies behind the last one kept can only matter by
 * being there at all: a final 1 stands for it.
 */
static void
exact_read(struct exact *x, const char *digits, size_t len, int64_t *exp10)
{
	size_t kept = 0;
	bool more = false;

	x->len = 0;
	for (size_t i = 0; i < len; i++) {
		if (digits[i] == '.')
			continue;
		if (kept < EXACT_DIGITS) {
			exact_mul_add(x, 10, (uint32_t)(digits[i] - '0'));
			kept++;
		} else {
			more = more || digits[i] != '0';
			++*exp10;
		}
	}
	if (more) {
		exact_mul_add(x, 10, 1);
		--*exp10;
	}
}

/* Sign of (decimal - middle between the doubles bits and bits + 1). */
static int
exact_cmp_middle(const struct exact *decimal, int64_t exp10, uint64_t bits)
{
	struct exact left = *decimal, right;
	int64_t exp2 = (int64_t)(bits >> EXACT_MANTISSA_BITS);
	uint64_t mantissa = bits & ((UINT64_C(1) << EXACT_MANTISSA_BITS) - 1);

	if (exp2 != 0)
		mantissa |= UINT64_C(1) << EXACT_MANTISSA_BITS;
	else
		exp2 = 1;
	mantissa = 2 * mantissa + 1;
	exp2 -= 1023 + EXACT_MANTISSA_BITS + 1;
	exact_set(&right, mantissa);
	if (exp10 >= 0)
		exact_mul_pow5(&left, (uint64_t)exp10);
	else
		exact_mul_pow5(&right, (uint64_t)-exp10);
	exp2 -= exp10; /* the twos of 10^exp10 */
	if (exp2 >= 0)
		exact_shift(&right, (uint64_t)exp2);
	else
		exact_shift(&left, (uint64_t)-exp2);
	return exact_cmp(&left, &right);
}

uint64_t
num_exact(const char *digits, size_t len, int64_t exp10, uint64_t near)
{
	const uint64_t inf = UINT64_C(0x7ff) << EXACT_MANTISSA_BITS;
	struct exact decimal;

	exact_read(&decimal, digits, len, &exp10);
	while (near < inf) {
		int sign = exact_cmp_middle(&decimal, exp10, near);

		if (sign < 0 || (sign == 0 && (near & 1) == 0))
			break;
		near++;
	}
	while (near > 0) {
		int sign = exact_cmp_middle(&decimal, exp10, near - 1);

		if (sign > 0 || (sign == 0 && (near & 1) == 0))
			break;
		near--;
	}
	return near;
}
