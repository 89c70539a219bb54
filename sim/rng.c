#include "sim/rng.h"

#include <math.h>

#define RNG_GOLDEN UINT64_C(0x9e3779b97f4a7c15)

static uint64_t
rng_mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

struct rng
rng_make(uint64_t seed, uint64_t stream)
{
	struct rng rng = { .state = rng_mix(seed + RNG_GOLDEN) ^
				    rng_mix((stream + 1) * RNG_GOLDEN) };

	return rng;
}

uint64_t
rng_hash(const char *bytes, size_t len)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < len; i++) {
		hash ^= (unsigned char)bytes[i];
		hash *= UINT64_C(0x100000001b3);
	}
	return rng_mix(hash);
}

uint64_t
rng_next(struct rng *rng)
{
	rng->state += RNG_GOLDEN;
	return rng_mix(rng->state);
}

double
rng_unit(struct rng *rng)
{
	return (double)(rng_next(rng) >> 11) * 0x1.0p-53;
}

uint64_t
rng_below(struct rng *rng, uint64_t count)
{
	return count == 0 ? 0 : (uint64_t)(rng_unit(rng) * (double)count);
}

double
rng_normal(struct rng *rng)
{
	double u = 1.0 - rng_unit(rng); /* never 0, whose log is infinite */
	double v = rng_unit(rng);

	return sqrt(-2.0 * log(u)) * cos(2.0 * M_PI * v);
}

double
rng_lognormal(struct rng *rng, double median, double sigma)
{
	return median * exp(sigma * rng_normal(rng));
}

unsigned
rng_poisson(struct rng *rng, double mean)
{
	double limit, product = 1.0;
	unsigned n = 0;

	if (!(mean > 0))
		return 0;
	if (mean > 30) { /* the normal curve is close enough from here on */
		double x = mean + sqrt(mean) * rng_normal(rng) + 0.5;

		return x < 0 ? 0 : x > 10000 ? 10000 : (unsigned)x;
	}
	limit = exp(-mean);
	for (;;) {
		product *= rng_unit(rng);
		if (product <= limit)
			return n;
		n++;
	}
}
