/*
 * Random numbers of the practice world. One seed gives every stream of
 * numbers, so that the same seed tells the same story; never for secrets.
 * The generator is splitmix64 (Steele, Lea, Flood 2014).
 * thread: a struct rng belongs to one thread.
 */
#ifndef SEV_SIM_RNG_H
#define SEV_SIM_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng {
	uint64_t state;
};

/* Stream number `stream` of a seed; streams are independent of each other. */
struct rng rng_make(uint64_t seed, uint64_t stream);

/* A number that depends on the bytes only: the fate of job "4711". */
uint64_t rng_hash(const char *bytes, size_t len);

uint64_t rng_next(struct rng *rng);

/* 0 <= result < 1. */
double rng_unit(struct rng *rng);

/* 0 <= result < count; 0 when count is 0. */
uint64_t rng_below(struct rng *rng, uint64_t count);

/* Mean 0, standard deviation 1. */
double rng_normal(struct rng *rng);

/* The shape of latencies: half of the results are below the median. */
double rng_lognormal(struct rng *rng, double median, double sigma);

/* How many events of a mean rate fall into one step; at most 10,000. */
unsigned rng_poisson(struct rng *rng, double mean);

#endif
